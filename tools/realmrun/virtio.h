/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_VIRTIO_H
#define REALMRUN_VIRTIO_H

#include <pthread.h>
#include <sys/uio.h>

#include "device.h"
#include "loop.h"
#include "terminal.h"
#include "types.h"

#define VIRTQ_MAX_SIZE		128
#define VIRTIO_MAX_QUEUES	2

struct virtio_device;

/**
 * struct virtq - a split virtqueue
 * @vdev:	Device it is of.
 * @size:	Number of descriptors.
 * @ready:	The driver has set it up.
 * @desc_addr:	Address of the descriptors, as the driver wrote it.
 * @avail_addr:	Of the ring the driver fills.
 * @used_addr:	Of the ring the device fills.
 * @desc:	The same three, here. Valid while @ready.
 * @avail:	...
 * @used:	...
 * @next:	Next entry of the driver's ring that is to be looked at.
 * @notified:	The driver notifies the device, by an ioeventfd.
 *
 * Protected by the lock of the device.
 */
struct virtq {
	struct virtio_device *vdev;
	u32 size;
	bool ready;
	u64 desc_addr;
	u64 avail_addr;
	u64 used_addr;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	u16 next;
	struct watch notified;
};

/**
 * struct virtq_chain - buffers of one request
 * @head:	Stands for it in the rings.
 * @iov:	First those for the device to read, then those to write.
 * @readable:	Number of the former.
 * @count:	Number of all.
 */
struct virtq_chain {
	u16 head;
	struct iovec iov[VIRTQ_MAX_SIZE];
	unsigned int readable;
	unsigned int count;
};

/**
 * struct virtio_ops - what tells the devices apart
 * @queue_size:	Descriptors a queue can have: a power of two, not more than
 *		VIRTQ_MAX_SIZE.
 * @notify:	There may be new requests in a queue. Called in the main thread,
 *		with the lock of the device held. Handles @queue_size of them at
 *		most; returns true if there may be more.
 */
struct virtio_ops {
	u32 queue_size;
	bool (*notify)(struct virtio_device *vdev, struct virtq *vq);
};

/**
 * struct virtio_device - a virtio device behind virtio-mmio
 * @dev:	Its registers.
 * @id:		Kind of device, VIRTIO_ID_*.
 * @features:	Features of that kind of device.
 * @ops:	What makes it that kind of device.
 * @config:	Configuration space.
 * @config_size: Its size in bytes.
 * @nr_queues:	Number of @queues in use.
 * @queues:	The queues.
 * @lock:	Protects what follows, @queues and @config.
 * @status:	VIRTIO_CONFIG_S_*.
 * @driver_features: What the driver has accepted.
 * @device_features_sel: Which word of the features is read.
 * @driver_features_sel: Which word of the features is written.
 * @queue_sel:	Which queue the queue registers are of.
 * @interrupt_status: VIRTIO_MMIO_INT_*.
 * @generation:	Changes with @config.
 * @irq_fd:	Raises the interrupt.
 */
struct virtio_device {
	struct device dev;
	u32 id;
	u64 features;
	const struct virtio_ops *ops;
	void *config;
	size_t config_size;
	unsigned int nr_queues;
	struct virtq queues[VIRTIO_MAX_QUEUES];
	pthread_mutex_t lock;
	u32 status;
	u64 driver_features;
	u32 device_features_sel;
	u32 driver_features_sel;
	u32 queue_sel;
	u32 interrupt_status;
	u32 generation;
	int irq_fd;
};

void virtio_add(struct virtio_device *vdev, const char *name);
void virtio_interrupt(struct virtio_device *vdev, u32 why);
void virtio_config_changed(struct virtio_device *vdev);

bool virtq_pop(struct virtq *vq, struct virtq_chain *chain);
void virtq_unpop(struct virtq *vq);
void virtq_push(struct virtq *vq, const struct virtq_chain *chain, u32 written);
void virtq_interrupt(struct virtq *vq);

void virtio_console_init(void);
void virtio_block_init(unsigned int nr, const char *path, bool read_only);

extern const struct terminal_user virtio_console_user;

#endif /* REALMRUN_VIRTIO_H */
