// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest can do to its devices: access registers, and write to the memory it
 * shares with them. Some steps do at once what a driver does in many, so that
 * random bytes get further than a reset.
 */

#include <string.h>

#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "../device.h"
#include "fuzz.h"

#define AVAIL_OFFSET	0x800
#define USED_OFFSET	0xa00
#define NR_DEVICES	4

/* Disk, read-only disk, virtio console, UART */
static const u64 bases[NR_DEVICES] = {
	VIRTIO_BASE, VIRTIO_BASE + DEVICE_SIZE, VIRTIO_BASE + 2 * DEVICE_SIZE, UART_BASE,
};

/* As the driver has set them up, and what it offered last */
static u32 queue_sizes[NR_QUEUES];
static unsigned int last_queue;
static u16 last_head;

static void *at(u64 gpa)
{
	return ram + (gpa - RAM_BASE);
}

static struct vring_desc *desc(unsigned int queue, unsigned int index)
{
	return (struct vring_desc *)at(QUEUE_GPA(queue)) + index;
}

static struct vring_avail *avail(unsigned int queue)
{
	return at(QUEUE_GPA(queue) + AVAIL_OFFSET);
}

static void mmio_write(u64 gpa, unsigned int size, u64 value)
{
	struct device *dev = device_at(gpa, size);

	if (dev)
		dev->write(dev, gpa - dev->base, size, value);
}

static u64 mmio_read(u64 gpa, unsigned int size)
{
	struct device *dev = device_at(gpa, size);

	return dev ? dev->read(dev, gpa - dev->base, size) : 0;
}

static void set_address(u64 low_register, u64 addr)
{
	mmio_write(low_register, 4, addr & 0xffffffff);
	mmio_write(low_register + 4, 4, addr >> 32);
}

static void step_write(struct input *in)
{
	u64 base = bases[take(in, 1) % NR_DEVICES];
	u64 offset = take(in, 2) % DEVICE_SIZE;
	unsigned int size = 1U << take(in, 1) % 4;

	mmio_write(base + offset, size, take(in, size));
}

static void step_read(struct input *in)
{
	u64 base = bases[take(in, 1) % NR_DEVICES];
	u64 offset = take(in, 2) % DEVICE_SIZE;

	mmio_read(base + offset, 1U << take(in, 1) % 4);
}

/* The registers that do something are few, and are words. */
static void step_register(struct input *in)
{
	static const u16 registers[] = {
		VIRTIO_MMIO_STATUS, VIRTIO_MMIO_QUEUE_SEL, VIRTIO_MMIO_QUEUE_NUM,
		VIRTIO_MMIO_QUEUE_READY, VIRTIO_MMIO_DRIVER_FEATURES,
		VIRTIO_MMIO_DRIVER_FEATURES_SEL, VIRTIO_MMIO_DEVICE_FEATURES_SEL,
		VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_QUEUE_DESC_LOW,
		VIRTIO_MMIO_QUEUE_AVAIL_LOW, VIRTIO_MMIO_QUEUE_USED_LOW,
	};
	u64 base = bases[take(in, 1) % (NR_DEVICES - 1)];

	mmio_write(base + registers[take(in, 1) % ARRAY_SIZE(registers)], 4, take(in, 4));
}

/* 1: the FIFOs are on, 2: the UART is, 4: interrupts are; else a character */
static void step_uart(struct input *in)
{
	u8 what = take(in, 1);

	mmio_write(UART_BASE + 0x2c, 4, what & 1 ? 0x70 : 0x60);
	mmio_write(UART_BASE + 0x30, 4, what & 2 ? 0x301 : 0);
	mmio_write(UART_BASE + 0x38, 4, what & 4 ? 0x7ff : 0);
	if (what & 8)
		mmio_write(UART_BASE, 4, what);
	else
		mmio_read(UART_BASE, 4);
}

static void accept_features(u64 base)
{
	mmio_write(base + VIRTIO_MMIO_STATUS, 4,
		   VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	for (u32 word = 0; word < 2; word++) {
		mmio_write(base + VIRTIO_MMIO_DEVICE_FEATURES_SEL, 4, word);
		mmio_write(base + VIRTIO_MMIO_DRIVER_FEATURES_SEL, 4, word);
		mmio_write(base + VIRTIO_MMIO_DRIVER_FEATURES, 4,
			   mmio_read(base + VIRTIO_MMIO_DEVICE_FEATURES, 4));
	}
	mmio_write(base + VIRTIO_MMIO_STATUS, 4,
		   VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |
		   VIRTIO_CONFIG_S_FEATURES_OK);
}

static void set_up_queue(unsigned int queue, u32 size)
{
	u64 base = queue_device[queue], gpa = QUEUE_GPA(queue) | SHARED_BIT;

	mmio_write(base + VIRTIO_MMIO_QUEUE_SEL, 4, queue_index[queue]);
	mmio_write(base + VIRTIO_MMIO_QUEUE_NUM, 4, size);
	set_address(base + VIRTIO_MMIO_QUEUE_DESC_LOW, gpa);
	set_address(base + VIRTIO_MMIO_QUEUE_AVAIL_LOW, gpa + AVAIL_OFFSET);
	set_address(base + VIRTIO_MMIO_QUEUE_USED_LOW, gpa + USED_OFFSET);
	mmio_write(base + VIRTIO_MMIO_QUEUE_READY, 4, 1);
	__atomic_store_n(&queue_sizes[queue], size, __ATOMIC_RELAXED);
	__atomic_store_n(&avail(queue)->idx, 0, __ATOMIC_RELAXED);
}

/* A driver finds a device, and starts it. */
static void start(u64 base, u32 size)
{
	mmio_write(base + VIRTIO_MMIO_STATUS, 4, 0);
	accept_features(base);
	for (unsigned int queue = 0; queue < NR_QUEUES; queue++) {
		if (queue_device[queue] == base)
			set_up_queue(queue, size);
	}
	mmio_write(base + VIRTIO_MMIO_STATUS, 4,
		   mmio_read(base + VIRTIO_MMIO_STATUS, 4) | VIRTIO_CONFIG_S_DRIVER_OK);
}

/* What a driver does with a device that gave up */
static void restart(unsigned int queue)
{
	u64 base = queue_device[queue];

	if (mmio_read(base + VIRTIO_MMIO_STATUS, 4) & VIRTIO_CONFIG_S_NEEDS_RESET)
		start(base, 16);
}

static void step_start(struct input *in)
{
	u64 base = bases[take(in, 1) % (NR_DEVICES - 1)];

	start(base, 1U << take(in, 1) % 8);
}

static u32 queue_size(unsigned int queue)
{
	return __atomic_load_n(&queue_sizes[queue], __ATOMIC_RELAXED) ?: 1;
}

static void offer(unsigned int queue, u16 head)
{
	u16 idx = __atomic_load_n(&avail(queue)->idx, __ATOMIC_RELAXED);

	__atomic_store_n(&last_queue, queue, __ATOMIC_RELAXED);
	__atomic_store_n(&last_head, head, __ATOMIC_RELAXED);
	__atomic_store_n(&avail(queue)->ring[idx % queue_size(queue)], head, __ATOMIC_RELAXED);
	__atomic_store_n(&avail(queue)->idx, idx + 1, __ATOMIC_RELEASE);
	host_kick(queue);
}

static void set_desc(unsigned int queue, u16 index, u64 addr, u32 len, u16 flags)
{
	struct vring_desc *to = desc(queue, index % queue_size(queue));

	__atomic_store_n(&to->addr, addr, __ATOMIC_RELAXED);
	__atomic_store_n(&to->len, len, __ATOMIC_RELAXED);
	__atomic_store_n(&to->flags, flags, __ATOMIC_RELAXED);
	__atomic_store_n(&to->next, (index + 1) % queue_size(queue), __ATOMIC_RELAXED);
}

static u64 some_buffer(struct input *in)
{
	return (BUFFER_GPA + take(in, 2)) | SHARED_BIT;
}

/* Descriptors that a device accepts, most of the time. Some chains have no end. */
static void step_chain(struct input *in)
{
	unsigned int queue = take(in, 1) % NR_QUEUES;
	u16 head = take(in, 1) % queue_size(queue);
	u8 shape = take(in, 1), count = shape % 8, readable = shape / 8 % 8;

	restart(queue);
	for (u8 i = 0; i <= count; i++)
		set_desc(queue, head + i, some_buffer(in), take(in, 2),
			 (i < count || shape >= 240 ? VRING_DESC_F_NEXT : 0) |
			 (i >= readable ? VRING_DESC_F_WRITE : 0));
	offer(queue, head);
}

/* A request as a disk wants it. */
static void step_request(struct input *in)
{
	static const u8 types[] = {
		VIRTIO_BLK_T_IN, VIRTIO_BLK_T_OUT, VIRTIO_BLK_T_FLUSH, VIRTIO_BLK_T_GET_ID,
	};
	unsigned int queue = take(in, 1) % 2;
	u16 head = take(in, 1) % queue_size(queue);
	u8 type = types[take(in, 1) % ARRAY_SIZE(types)];
	struct virtio_blk_outhdr header = { .type = type, .sector = take(in, 1) % 80 };
	u16 data = type == VIRTIO_BLK_T_OUT ? 0 : VRING_DESC_F_WRITE;
	u32 size = take(in, 1) % 16 * 256;

	restart(queue);
	memcpy(at(BUFFER_GPA), &header, sizeof(header));
	set_desc(queue, head, BUFFER_GPA | SHARED_BIT, sizeof(header), VRING_DESC_F_NEXT);
	set_desc(queue, head + 1, some_buffer(in), size / 2, VRING_DESC_F_NEXT | data);
	set_desc(queue, head + 2, some_buffer(in), size - size / 2, VRING_DESC_F_NEXT | data);
	set_desc(queue, head + 3, (BUFFER_GPA + 64) | SHARED_BIT, 1, VRING_DESC_F_WRITE);
	offer(queue, head);
}

/* One descriptor, with anything in it. */
static void step_desc(struct input *in)
{
	struct vring_desc *to = desc(take(in, 1) % NR_QUEUES, take(in, 1) % 128);

	switch (take(in, 1) % 4) {
	case 0:
		__atomic_store_n(&to->addr, take(in, 8), __ATOMIC_RELAXED);
		break;
	case 1:
		__atomic_store_n(&to->len, take(in, 4), __ATOMIC_RELAXED);
		break;
	case 2:
		__atomic_store_n(&to->flags, take(in, 2), __ATOMIC_RELAXED);
		break;
	case 3:
		__atomic_store_n(&to->next, take(in, 2), __ATOMIC_RELAXED);
		break;
	}
}

static void step_offer(struct input *in)
{
	unsigned int queue = take(in, 1) % NR_QUEUES;

	offer(queue, take(in, 2));
}

static void step_avail_idx(struct input *in)
{
	unsigned int queue = take(in, 1) % NR_QUEUES;

	__atomic_add_fetch(&avail(queue)->idx, take(in, 2), __ATOMIC_RELEASE);
	host_kick(queue);
}

static void step_memory(struct input *in)
{
	u64 offset = SZ_4K + take(in, 3) % (RAM_SIZE - SZ_4K - 8);
	u64 value = take(in, 8);

	memcpy(ram + offset, &value, 1U << take(in, 1) % 4);
}

static void (*const steps[])(struct input *in) = {
	step_write, step_read, step_register, step_uart, step_start, step_chain,
	step_request, step_desc, step_offer, step_avail_idx, step_memory,
};

void guest_step(struct input *in)
{
	steps[take(in, 1) % ARRAY_SIZE(steps)](in);
}

/*
 * Change something in a descriptor of what was offered last, and the next time change
 * it back. @which is the descriptor, and what in it.
 */
void guest_flip(unsigned int which)
{
	unsigned int queue = __atomic_load_n(&last_queue, __ATOMIC_RELAXED);
	u16 head = __atomic_load_n(&last_head, __ATOMIC_RELAXED);
	struct vring_desc *of = desc(queue, (head + which % 4) % queue_size(queue));

	switch (which / 4 % 4) {
	case 0:
		__atomic_xor_fetch(&of->addr, BIT_ULL(24), __ATOMIC_RELAXED);
		break;
	case 1:
		__atomic_xor_fetch(&of->len, 0x80000000, __ATOMIC_RELAXED);
		break;
	case 2:
		__atomic_xor_fetch(&of->flags, VRING_DESC_F_WRITE, __ATOMIC_RELAXED);
		break;
	case 3:
		__atomic_xor_fetch(&of->next, 0x4000, __ATOMIC_RELAXED);
		break;
	}
}

/* All devices as they are at the start */
void guest_reset(void)
{
	for (unsigned int i = 0; i < NR_DEVICES - 1; i++)
		mmio_write(bases[i] + VIRTIO_MMIO_STATUS, 4, 0);
	mmio_write(UART_BASE + 0x38, 4, 0);
	mmio_write(UART_BASE + 0x44, 4, 0x7ff);
	while (!(mmio_read(UART_BASE + 0x18, 4) & 0x10))
		mmio_read(UART_BASE, 4);
	mmio_write(UART_BASE + 0x2c, 4, 0);
	mmio_write(UART_BASE + 0x30, 4, 0x300);
	memset(queue_sizes, 0, sizeof(queue_sizes));
	memset(ram + SZ_4K, 0, RAM_SIZE - SZ_4K);
}

void guest_start(void)
{
	for (unsigned int i = 0; i < NR_DEVICES - 1; i++)
		start(bases[i], 16);
	mmio_write(UART_BASE + 0x30, 4, 0x301);
}
