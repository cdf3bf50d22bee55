// SPDX-License-Identifier: GPL-2.0-only
/*
 * A virtio console with one port (VIRTIO 1.2, 5.3).
 */

#include <string.h>

#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>

#include "terminal.h"
#include "virtio.h"

enum {
	QUEUE_INPUT,
	QUEUE_OUTPUT,
	NR_QUEUES,
};

static struct virtio_console_config config;

static bool notify(struct virtio_device *vdev, struct virtq *vq)
{
	struct virtq_chain chain;
	u32 n;

	if (vq == &vdev->queues[QUEUE_INPUT]) {
		terminal_resume_input();
		return false;
	}

	for (n = 0; n < vdev->ops->queue_size && virtq_pop(vq, &chain); n++) {
		for (unsigned int i = 0; i < chain.readable; i++)
			terminal_output(chain.iov[i].iov_base, chain.iov[i].iov_len);
		virtq_push(vq, &chain, 0);
	}
	if (n)
		virtq_interrupt(vq);
	return n == vdev->ops->queue_size;
}

/*
 * Linux fills the queue of what it receives with pages of its own size, all of
 * which a realm has to have shared buffers for.
 */
static const struct virtio_ops ops = {
	.queue_size = 16,
	.notify = notify,
};

static struct virtio_device console = {
	.id		= VIRTIO_ID_CONSOLE,
	.features	= BIT_ULL(VIRTIO_CONSOLE_F_SIZE),
	.ops		= &ops,
	.config		= &config,
	.config_size	= sizeof(config),
	.nr_queues	= NR_QUEUES,
};

static size_t chain_room(const struct virtq_chain *chain)
{
	size_t size = 0;

	for (unsigned int i = chain->readable; i < chain->count; i++)
		size += chain->iov[i].iov_len;
	return size;
}

/*
 * Terminal input is given to the driver as it comes, one buffer at a time. What
 * is taken out of the queue to look at its size goes back: the driver may reset
 * the device before there is any input.
 */
static size_t room(void)
{
	struct virtq *vq = &console.queues[QUEUE_INPUT];
	struct virtq_chain chain;
	size_t size = 0;

	pthread_mutex_lock(&console.lock);
	if (virtq_pop(vq, &chain)) {
		size = chain_room(&chain);
		virtq_unpop(vq);
	}
	pthread_mutex_unlock(&console.lock);
	return size;
}

static void input(const u8 *data, size_t size)
{
	struct virtq *vq = &console.queues[QUEUE_INPUT];
	struct virtq_chain chain;
	size_t done = 0;

	pthread_mutex_lock(&console.lock);
	if (virtq_pop(vq, &chain)) {
		for (unsigned int i = chain.readable; i < chain.count; i++) {
			size_t n = min(size - done, chain.iov[i].iov_len);

			memcpy(chain.iov[i].iov_base, data + done, n);
			done += n;
		}
		virtq_push(vq, &chain, done);
		virtq_interrupt(vq);
	}
	pthread_mutex_unlock(&console.lock);
}

static void update_size(void)
{
	struct window_size size = terminal_size();

	config.cols = size.columns;
	config.rows = size.rows;
}

static void resized(void)
{
	pthread_mutex_lock(&console.lock);
	update_size();
	virtio_config_changed(&console);
	pthread_mutex_unlock(&console.lock);
}

const struct terminal_user virtio_console_user = {
	.room		= room,
	.input		= input,
	.resized	= resized,
};

/**
 * virtio_console_init() - Create the console
 */
void virtio_console_init(void)
{
	update_size();
	virtio_add(&console, "virtio-console");
}
