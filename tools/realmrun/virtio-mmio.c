// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtio transport over MMIO (VIRTIO 1.2, 4.2), without the legacy interface.
 *
 * VIRTIO_F_ACCESS_PLATFORM says that the device does not reach all memory. In a
 * realm it makes the driver use buffers that are shared; their addresses then
 * have the shared bit set. Offered to ordinary VMs as well, to be the same device.
 */

#include <string.h>
#include <sys/eventfd.h>

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "devicetree.h"
#include "error.h"
#include "ioevent.h"
#include "irq.h"
#include "map.h"
#include "memory.h"
#include "virtio.h"

#define MAGIC			0x74726976	/* "virt" */
#define VERSION			2
#define VENDOR			0x4d4d4f49

#define FEATURES_ALWAYS		(BIT_ULL(VIRTIO_F_VERSION_1) | \
				 BIT_ULL(VIRTIO_F_ACCESS_PLATFORM))

static unsigned int nr_devices;

static struct virtio_device *to_virtio(struct device *dev)
{
	return container_of(dev, struct virtio_device, dev);
}

/**
 * virtio_interrupt() - Raise the interrupt of a device
 * @vdev: the device, its lock held
 * @why: VIRTIO_MMIO_INT_*
 */
void virtio_interrupt(struct virtio_device *vdev, u32 why)
{
	vdev->interrupt_status |= why;
	eventfd_write(vdev->irq_fd, 1);
}

/**
 * virtio_config_changed() - Tell the driver that the configuration changed
 * @vdev: the device, its lock held
 */
void virtio_config_changed(struct virtio_device *vdev)
{
	vdev->generation++;
	if (vdev->status & VIRTIO_CONFIG_S_DRIVER_OK)
		virtio_interrupt(vdev, VIRTIO_MMIO_INT_CONFIG);
}

static u64 offered(const struct virtio_device *vdev)
{
	return vdev->features | FEATURES_ALWAYS;
}

static void reset_queue(struct virtq *vq)
{
	vq->size = 0;
	vq->ready = false;
	vq->next = 0;
	vq->desc_addr = 0;
	vq->avail_addr = 0;
	vq->used_addr = 0;
}

static void reset(struct virtio_device *vdev)
{
	vdev->status = 0;
	vdev->driver_features = 0;
	vdev->device_features_sel = 0;
	vdev->driver_features_sel = 0;
	vdev->queue_sel = 0;
	vdev->interrupt_status = 0;
	for (unsigned int i = 0; i < vdev->nr_queues; i++)
		reset_queue(&vdev->queues[i]);
}

static void set_status(struct virtio_device *vdev, u32 status)
{
	if (!status) {
		reset(vdev);
		return;
	}

	/* Not if it wants something else, or would let us see private memory. */
	if (status & VIRTIO_CONFIG_S_FEATURES_OK &&
	    (vdev->driver_features & ~offered(vdev) ||
	     ~vdev->driver_features & FEATURES_ALWAYS)) {
		guest_message("%s: the driver takes features 0x%llx of 0x%llx, has to take 0x%llx",
			      vdev->dev.name, vdev->driver_features, offered(vdev),
			      FEATURES_ALWAYS);
		status &= ~VIRTIO_CONFIG_S_FEATURES_OK;
	}
	vdev->status = status | (vdev->status & VIRTIO_CONFIG_S_NEEDS_RESET);
}

static void set_ready(struct virtio_device *vdev, struct virtq *vq, bool ready)
{
	vq->ready = false;
	if (!ready)
		return;

	vq->next = 0;
	vq->desc = memory_shared(vq->desc_addr, vq->size * sizeof(*vq->desc));
	vq->avail = memory_shared(vq->avail_addr,
				  sizeof(*vq->avail) + vq->size * sizeof(vq->avail->ring[0]));
	vq->used = memory_shared(vq->used_addr,
				 sizeof(*vq->used) + vq->size * sizeof(vq->used->ring[0]));

	vq->ready = vq->size && vq->desc && vq->avail && vq->used &&
		    IS_ALIGNED(vq->desc_addr, 16) && IS_ALIGNED(vq->avail_addr, 2) &&
		    IS_ALIGNED(vq->used_addr, 4);
	if (!vq->ready)
		guest_message("%s: queue %u at 0x%llx, 0x%llx, 0x%llx of size %u is not usable",
			      vdev->dev.name, vdev->queue_sel, vq->desc_addr, vq->avail_addr,
			      vq->used_addr, vq->size);
}

static u32 read_config(struct virtio_device *vdev, u64 offset, unsigned int size)
{
	u32 value = 0;

	if (offset < vdev->config_size && size <= sizeof(value))
		memcpy(&value, vdev->config + offset,
		       min((size_t)size, vdev->config_size - (size_t)offset));
	return value;
}

static u32 read_register(struct virtio_device *vdev, u64 offset)
{
	const struct virtq *vq = vdev->queue_sel < vdev->nr_queues ?
				 &vdev->queues[vdev->queue_sel] : NULL;

	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return MAGIC;
	case VIRTIO_MMIO_VERSION:
		return VERSION;
	case VIRTIO_MMIO_DEVICE_ID:
		return vdev->id;
	case VIRTIO_MMIO_VENDOR_ID:
		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		if (vdev->device_features_sel > 1)
			return 0;
		return offered(vdev) >> vdev->device_features_sel * 32;
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return vq ? vdev->ops->queue_size : 0;
	case VIRTIO_MMIO_QUEUE_READY:
		return vq && vq->ready;
	case VIRTIO_MMIO_INTERRUPT_STATUS:
		return vdev->interrupt_status;
	case VIRTIO_MMIO_STATUS:
		return vdev->status;
	case VIRTIO_MMIO_SHM_LEN_LOW:
	case VIRTIO_MMIO_SHM_LEN_HIGH:
	case VIRTIO_MMIO_SHM_BASE_LOW:
	case VIRTIO_MMIO_SHM_BASE_HIGH:
		/* There is no such region */
		return ~0U;
	case VIRTIO_MMIO_CONFIG_GENERATION:
		return vdev->generation;
	}
	return 0;
}

static void set_half(u64 *addr, unsigned int half, u32 value)
{
	*addr &= ~(0xffffffffULL << half * 32);
	*addr |= (u64)value << half * 32;
}

static void write_queue_register(struct virtio_device *vdev, struct virtq *vq,
				 u64 offset, u32 value)
{
	if (offset == VIRTIO_MMIO_QUEUE_READY) {
		set_ready(vdev, vq, value & 1);
		return;
	}
	/* The others must not change under a queue in use */
	if (vq->ready)
		return;

	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		/* A power of two */
		if (value <= vdev->ops->queue_size && !(value & (value - 1)))
			vq->size = value;
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_half(&vq->desc_addr, offset == VIRTIO_MMIO_QUEUE_DESC_HIGH, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		set_half(&vq->avail_addr, offset == VIRTIO_MMIO_QUEUE_AVAIL_HIGH, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		set_half(&vq->used_addr, offset == VIRTIO_MMIO_QUEUE_USED_HIGH, value);
		break;
	}
}

static void write_register(struct virtio_device *vdev, u64 offset, u32 value)
{
	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		vdev->device_features_sel = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		if (vdev->driver_features_sel < 2)
			set_half(&vdev->driver_features, vdev->driver_features_sel, value);
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		vdev->driver_features_sel = value;
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		vdev->queue_sel = value;
		break;
	case VIRTIO_MMIO_QUEUE_NOTIFY:
		/* Only what is no queue gets past the ioeventfds */
		break;
	case VIRTIO_MMIO_INTERRUPT_ACK:
		vdev->interrupt_status &= ~value;
		break;
	case VIRTIO_MMIO_STATUS:
		set_status(vdev, value);
		break;
	default:
		if (vdev->queue_sel < vdev->nr_queues)
			write_queue_register(vdev, &vdev->queues[vdev->queue_sel],
					     offset, value);
	}
}

static u64 mmio_read(struct device *dev, u64 offset, unsigned int size)
{
	struct virtio_device *vdev = to_virtio(dev);
	u32 value = 0;

	pthread_mutex_lock(&vdev->lock);
	if (offset >= VIRTIO_MMIO_CONFIG)
		value = read_config(vdev, offset - VIRTIO_MMIO_CONFIG, size);
	else if (size == 4)
		value = read_register(vdev, offset);
	pthread_mutex_unlock(&vdev->lock);
	return value;
}

static void mmio_write(struct device *dev, u64 offset, unsigned int size, u64 value)
{
	struct virtio_device *vdev = to_virtio(dev);

	/* None of the devices here has anything to write in its configuration */
	if (offset >= VIRTIO_MMIO_CONFIG || size != 4)
		return;
	pthread_mutex_lock(&vdev->lock);
	write_register(vdev, offset, value);
	pthread_mutex_unlock(&vdev->lock);
}

static void describe(const struct device *dev, void *fdt)
{
	dt_begin(fdt, "virtio@%llx", dev->base);
	dt_string(fdt, "compatible", "virtio,mmio");
	dt_reg(fdt, dev->base, dev->size);
	dt_spi(fdt, dev->spi, DT_IRQ_EDGE);
	dt_flag(fdt, "dma-coherent");
	dt_end(fdt);
}

static void notified(struct watch *watch)
{
	struct virtq *vq = watch->arg;
	struct virtio_device *vdev = vq->vdev;
	eventfd_t count;
	bool more;

	eventfd_read(watch->fd, &count);
	pthread_mutex_lock(&vdev->lock);
	more = vdev->ops->notify(vdev, vq);
	pthread_mutex_unlock(&vdev->lock);

	/* A guest can add requests without end: the main loop has other work, too */
	if (more)
		eventfd_write(watch->fd, 1);
}

static void init_queue(struct virtio_device *vdev, unsigned int index)
{
	struct virtq *vq = &vdev->queues[index];

	vq->vdev = vdev;
	vq->notified.ready = notified;
	vq->notified.arg = vq;
	vq->notified.fd = ioevent_create(vdev->dev.base + VIRTIO_MMIO_QUEUE_NOTIFY,
					 sizeof(u32), index);
	loop_watch(&vq->notified);
}

/**
 * virtio_add() - Give a virtio device its place
 * @vdev: the device: its id, features, ops, config and nr_queues are set
 * @name: for people
 */
void virtio_add(struct virtio_device *vdev, const char *name)
{
	vdev->dev = (struct device) {
		.name		= name,
		.base		= VIRTIO_BASE + nr_devices * DEVICE_SIZE,
		.size		= DEVICE_SIZE,
		.spi		= VIRTIO_SPI + nr_devices,
		.read		= mmio_read,
		.write		= mmio_write,
		.describe	= describe,
	};
	nr_devices++;
	pthread_mutex_init(&vdev->lock, NULL);
	vdev->irq_fd = irq_eventfd(vdev->dev.spi);
	for (unsigned int i = 0; i < vdev->nr_queues; i++)
		init_queue(vdev, i);
	reset(vdev);
	device_add(&vdev->dev);
}
