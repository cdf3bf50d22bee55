// SPDX-License-Identifier: GPL-2.0-only
/*
 * Split virtqueues (VIRTIO 1.2, 2.7), seen from the device.
 *
 * They are in memory shared with the guest, and so are all buffers. Nothing
 * there is trusted, and nothing is read twice. What makes no sense breaks the
 * device, until the driver resets it.
 */

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "error.h"
#include "memory.h"
#include "virtio.h"

static bool broken(struct virtq *vq, const char *why, u64 value)
{
	struct virtio_device *vdev = vq->vdev;

	if (!(vdev->status & VIRTIO_CONFIG_S_NEEDS_RESET)) {
		guest_message("%s: queue %d: %s (0x%llx)", vdev->dev.name,
			      (int)(vq - vdev->queues), why, value);
		vdev->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
		virtio_config_changed(vdev);
	}
	return false;
}

static bool usable(const struct virtq *vq)
{
	const u32 status = vq->vdev->status;

	return vq->ready && status & VIRTIO_CONFIG_S_DRIVER_OK &&
	       !(status & VIRTIO_CONFIG_S_NEEDS_RESET);
}

static bool has_more(struct virtq *vq)
{
	u16 ahead;

	if (!usable(vq))
		return false;
	/* The acquire makes everything visible that the driver wrote before the index */
	ahead = __atomic_load_n(&vq->avail->idx, __ATOMIC_ACQUIRE) - vq->next;
	if (ahead > vq->size)
		return broken(vq, "more requests than descriptors", ahead);
	return ahead;
}

static void read_desc(const struct vring_desc *from, struct vring_desc *to)
{
	to->addr = __atomic_load_n(&from->addr, __ATOMIC_RELAXED);
	to->len = __atomic_load_n(&from->len, __ATOMIC_RELAXED);
	to->flags = __atomic_load_n(&from->flags, __ATOMIC_RELAXED);
	to->next = __atomic_load_n(&from->next, __ATOMIC_RELAXED);
}

/* Add the buffers of the descriptors from chain->head on. */
static bool collect(struct virtq *vq, struct virtq_chain *chain)
{
	struct vring_desc desc;
	u16 index = chain->head;

	do {
		struct iovec *iov = &chain->iov[chain->count];

		if (index >= vq->size)
			return broken(vq, "no such descriptor", index);
		if (chain->count == vq->size)
			return broken(vq, "endless chain of descriptors", chain->head);

		read_desc(&vq->desc[index], &desc);
		if (desc.flags & VRING_DESC_F_INDIRECT)
			return broken(vq, "indirect descriptor, not offered", index);

		iov->iov_len = desc.len;
		iov->iov_base = memory_shared(desc.addr, desc.len);
		if (!iov->iov_base)
			return broken(vq, "a buffer that is no shared memory", desc.addr);

		if (!(desc.flags & VRING_DESC_F_WRITE)) {
			if (chain->readable != chain->count)
				return broken(vq, "readable after writable buffers", index);
			chain->readable++;
		}
		chain->count++;
		index = desc.next;
	} while (desc.flags & VRING_DESC_F_NEXT);

	return true;
}

/**
 * virtq_pop() - Take the next request out of a queue
 * @vq: the queue; the device's lock is held
 * @chain: receives its buffers, one at least
 *
 * Return: false if there is none.
 */
bool virtq_pop(struct virtq *vq, struct virtq_chain *chain)
{
	if (!has_more(vq))
		return false;

	chain->head = __atomic_load_n(&vq->avail->ring[vq->next % vq->size],
				      __ATOMIC_RELAXED);
	chain->readable = 0;
	chain->count = 0;
	vq->next++;
	return collect(vq, chain);
}

/**
 * virtq_unpop() - Put back what virtq_pop() gave last
 * @vq: the queue; the device's lock has been held since
 */
void virtq_unpop(struct virtq *vq)
{
	vq->next--;
}

/**
 * virtq_push() - Give a request back that was dealt with
 * @vq: the queue; the device's lock is held
 * @chain: as virtq_pop() gave it
 * @written: number of bytes that were written to its buffers
 */
void virtq_push(struct virtq *vq, const struct virtq_chain *chain, u32 written)
{
	u16 idx = vq->used->idx;

	vq->used->ring[idx % vq->size] = (struct vring_used_elem) {
		.id = chain->head,
		.len = written,
	};
	__atomic_store_n(&vq->used->idx, idx + 1, __ATOMIC_RELEASE);
}

/**
 * virtq_interrupt() - Tell the driver about requests that were given back
 * @vq: the queue; the device's lock is held
 */
void virtq_interrupt(struct virtq *vq)
{
	/* The driver looks at the index after it allowed interrupts */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!(__atomic_load_n(&vq->avail->flags, __ATOMIC_RELAXED) &
	      VRING_AVAIL_F_NO_INTERRUPT))
		virtio_interrupt(vq->vdev, VIRTIO_MMIO_INT_VRING);
}
