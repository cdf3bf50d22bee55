// SPDX-License-Identifier: GPL-2.0-only
/* The virtio devices, from where a driver sits. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "../device.h"
#include "../map.h"
#include "../virtio.h"
#include "test.h"

#define QUEUE_SIZE	8
#define DISK_SECTORS	16

/* Where the driver has its things; the first page is not shared */
#define QUEUE_GPA(n)	(RAM_BASE + 0x1000 + (n) * 0x1000)
#define BUFFER_GPA	(RAM_BASE + 0x10000)

static struct device *dev;
static u16 avail_idx[2];

static u32 get(u64 offset)
{
	return dev->read(dev, offset, 4);
}

static void set(u64 offset, u32 value)
{
	dev->write(dev, offset, 4, value);
}

static void *at(u64 gpa)
{
	return fake_ram + (gpa - RAM_BASE);
}

static struct vring_desc *desc(int queue)
{
	return at(QUEUE_GPA(queue));
}

static struct vring_avail *avail(int queue)
{
	return at(QUEUE_GPA(queue) + 0x400);
}

static struct vring_used *used(int queue)
{
	return at(QUEUE_GPA(queue) + 0x800);
}

static void set_address(u64 low_register, u64 addr)
{
	set(low_register, addr);
	set(low_register + 4, addr >> 32);
}

static void set_up_queue(int queue, u32 max_size)
{
	u64 gpa = QUEUE_GPA(queue) | FAKE_SHARED_BIT;

	set(VIRTIO_MMIO_QUEUE_SEL, queue);
	expect_eq(get(VIRTIO_MMIO_QUEUE_NUM_MAX), max_size);
	set(VIRTIO_MMIO_QUEUE_NUM, QUEUE_SIZE);
	set_address(VIRTIO_MMIO_QUEUE_DESC_LOW, gpa);
	set_address(VIRTIO_MMIO_QUEUE_AVAIL_LOW, gpa + 0x400);
	set_address(VIRTIO_MMIO_QUEUE_USED_LOW, gpa + 0x800);
	set(VIRTIO_MMIO_QUEUE_READY, 1);
	expect_eq(get(VIRTIO_MMIO_QUEUE_READY), 1);
	avail_idx[queue] = 0;
}

static bool set_features(u64 features)
{
	set(VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	set(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	set(VIRTIO_MMIO_DRIVER_FEATURES, features);
	set(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	set(VIRTIO_MMIO_DRIVER_FEATURES, features >> 32);
	set(VIRTIO_MMIO_STATUS, get(VIRTIO_MMIO_STATUS) | VIRTIO_CONFIG_S_FEATURES_OK);
	return get(VIRTIO_MMIO_STATUS) & VIRTIO_CONFIG_S_FEATURES_OK;
}

static u64 offered_features(void)
{
	u64 features;

	set(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	features = (u64)get(VIRTIO_MMIO_DEVICE_FEATURES) << 32;
	set(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	return features | get(VIRTIO_MMIO_DEVICE_FEATURES);
}

static void start(struct device *which, int queues, u32 max_size)
{
	dev = which;
	memset(fake_ram, 0, sizeof(fake_ram));
	set(VIRTIO_MMIO_STATUS, 0);
	expect_eq(get(VIRTIO_MMIO_STATUS), 0);
	expect(set_features(offered_features()));
	for (int i = 0; i < queues; i++)
		set_up_queue(i, max_size);
	set(VIRTIO_MMIO_STATUS, get(VIRTIO_MMIO_STATUS) | VIRTIO_CONFIG_S_DRIVER_OK);
	fake_interrupts(dev->spi);
}

static void set_desc(int queue, int index, u64 gpa, u32 len, u16 flags)
{
	desc(queue)[index] = (struct vring_desc) {
		.addr = gpa | FAKE_SHARED_BIT, .len = len, .flags = flags,
		.next = index + 1,
	};
}

static void offer(int queue, u16 head)
{
	avail(queue)->ring[avail_idx[queue] % QUEUE_SIZE] = head;
	avail(queue)->idx = ++avail_idx[queue];
	fake_notify(dev->base + VIRTIO_MMIO_QUEUE_NOTIFY, queue);
}

static bool needs_reset(void)
{
	return get(VIRTIO_MMIO_STATUS) & VIRTIO_CONFIG_S_NEEDS_RESET;
}

/* One disk for all tests: devices stay for ever */
static int disk_fd = -1;

static struct device *disk(void)
{
	char disk_path[32];
	static struct device *device;

	if (device)
		return device;
	strcpy(disk_path, "/tmp/realmrun-test-XXXXXX");
	disk_fd = mkstemp(disk_path);
	expect(disk_fd >= 0 && !ftruncate(disk_fd, DISK_SECTORS * 512));
	virtio_block_init(0, disk_path, false);
	unlink(disk_path);
	device = device_at(VIRTIO_BASE, 4);
	return device;
}

void test_virtio_registers(void)
{
	u64 features;

	dev = disk();
	expect_eq(get(VIRTIO_MMIO_MAGIC_VALUE), 0x74726976);
	expect_eq(get(VIRTIO_MMIO_VERSION), 2);
	expect_eq(get(VIRTIO_MMIO_DEVICE_ID), 2);
	expect_eq(get(VIRTIO_MMIO_SHM_LEN_LOW), ~0U);
	expect_eq(dev->read(dev, VIRTIO_MMIO_MAGIC_VALUE, 1), 0);

	features = offered_features();
	expect(features & BIT_ULL(VIRTIO_F_VERSION_1));
	expect(features & BIT_ULL(VIRTIO_F_ACCESS_PLATFORM));
	expect(!set_features(features & ~BIT_ULL(VIRTIO_F_ACCESS_PLATFORM)));
	set(VIRTIO_MMIO_STATUS, 0);
	expect(!set_features(features & ~BIT_ULL(VIRTIO_F_VERSION_1)));
	set(VIRTIO_MMIO_STATUS, 0);
	expect(!set_features(features | BIT_ULL(VIRTIO_F_RING_PACKED)));
	set(VIRTIO_MMIO_STATUS, 0);

	/* No such queue; one that is not shared, not aligned, not a power of two */
	set(VIRTIO_MMIO_QUEUE_SEL, 1);
	expect_eq(get(VIRTIO_MMIO_QUEUE_NUM_MAX), 0);
	set(VIRTIO_MMIO_QUEUE_SEL, 0);
	set(VIRTIO_MMIO_QUEUE_NUM, 7);
	set_address(VIRTIO_MMIO_QUEUE_DESC_LOW, QUEUE_GPA(0));
	set_address(VIRTIO_MMIO_QUEUE_AVAIL_LOW, QUEUE_GPA(0) + 0x400);
	set_address(VIRTIO_MMIO_QUEUE_USED_LOW, QUEUE_GPA(0) + 0x800);
	set(VIRTIO_MMIO_QUEUE_READY, 1);
	expect_eq(get(VIRTIO_MMIO_QUEUE_READY), 0);
	set(VIRTIO_MMIO_QUEUE_NUM, 8);
	set_address(VIRTIO_MMIO_QUEUE_DESC_LOW, RAM_BASE);
	set(VIRTIO_MMIO_QUEUE_READY, 1);
	expect_eq(get(VIRTIO_MMIO_QUEUE_READY), 0);
	set_address(VIRTIO_MMIO_QUEUE_DESC_LOW, QUEUE_GPA(0) + 8);
	set(VIRTIO_MMIO_QUEUE_READY, 1);
	expect_eq(get(VIRTIO_MMIO_QUEUE_READY), 0);

	/* Configuration: capacity in sectors, by any size of access */
	expect_eq(get(VIRTIO_MMIO_CONFIG), DISK_SECTORS);
	expect_eq(dev->read(dev, VIRTIO_MMIO_CONFIG, 1), DISK_SECTORS);
	expect_eq(get(VIRTIO_MMIO_CONFIG + 0x800), 0);

	start(disk(), 1, VIRTQ_MAX_SIZE);
	set(VIRTIO_MMIO_STATUS, 0);
	expect_eq(get(VIRTIO_MMIO_QUEUE_READY), 0);
}

/* What a driver may have there that makes no sense: one of them at a time */
static void bad_chain(void)
{
	offer(0, 0);
	expect(needs_reset());
	expect_eq(used(0)->idx, 0);
	expect_eq(fake_interrupts(dev->spi), 1);
	expect_eq(get(VIRTIO_MMIO_INTERRUPT_STATUS), VIRTIO_MMIO_INT_CONFIG);

	/* And nothing more happens until it is reset */
	set_desc(0, 0, BUFFER_GPA, 16, VRING_DESC_F_NEXT);
	set_desc(0, 1, BUFFER_GPA, 1, VRING_DESC_F_WRITE);
	offer(0, 0);
	expect_eq(used(0)->idx, 0);
}

void test_virtio_queue(void)
{
	start(disk(), 1, VIRTQ_MAX_SIZE);
	for (int i = 0; i < QUEUE_SIZE; i++)
		set_desc(0, i, BUFFER_GPA, 16, VRING_DESC_F_NEXT);
	desc(0)[QUEUE_SIZE - 1].next = 0;		/* for ever */
	bad_chain();

	start(disk(), 1, VIRTQ_MAX_SIZE);
	set_desc(0, 0, BUFFER_GPA, 16, VRING_DESC_F_NEXT);
	desc(0)[0].next = QUEUE_SIZE;
	set_desc(0, QUEUE_SIZE, BUFFER_GPA, 16, 0);	/* good, but outside */
	bad_chain();

	start(disk(), 1, VIRTQ_MAX_SIZE);
	set_desc(0, 0, RAM_BASE, 16, 0);		/* private */
	bad_chain();

	start(disk(), 1, VIRTQ_MAX_SIZE);
	set_desc(0, 0, RAM_BASE + FAKE_RAM_SIZE - 8, 16, 0);
	bad_chain();

	start(disk(), 1, VIRTQ_MAX_SIZE);
	set_desc(0, 0, BUFFER_GPA, 16, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE);
	set_desc(0, 1, BUFFER_GPA, 16, 0);
	bad_chain();

	start(disk(), 1, VIRTQ_MAX_SIZE);
	set_desc(0, 0, BUFFER_GPA, 16, VRING_DESC_F_INDIRECT);
	bad_chain();

	start(disk(), 1, VIRTQ_MAX_SIZE);
	avail(0)->ring[0] = QUEUE_SIZE;
	avail(0)->idx = 1;
	fake_notify(dev->base + VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	expect(needs_reset());

	/* More requests than there are descriptors, each of them good */
	start(disk(), 1, VIRTQ_MAX_SIZE);
	set_desc(0, 0, BUFFER_GPA, 16, VRING_DESC_F_NEXT);
	set_desc(0, 1, BUFFER_GPA, 1, VRING_DESC_F_WRITE);
	avail_idx[0] = QUEUE_SIZE;
	bad_chain();

	/* Reset makes it good again */
	start(disk(), 1, VIRTQ_MAX_SIZE);
	expect(!needs_reset());
}

/* A request in three parts, whose data is in two buffers. Returns its status. */
static u8 request(u32 type, u64 sector, u32 bytes)
{
	const bool in = type == VIRTIO_BLK_T_IN || type == VIRTIO_BLK_T_GET_ID;
	const u32 data = type == VIRTIO_BLK_T_GET_ID ? VIRTIO_BLK_ID_BYTES : bytes;
	const u16 flags = VRING_DESC_F_NEXT | (in ? VRING_DESC_F_WRITE : 0);
	struct virtio_blk_outhdr *header = at(BUFFER_GPA);
	u8 *status = at(BUFFER_GPA + 0x100);
	u16 before = used(0)->idx;

	header->type = type;
	header->sector = sector;
	*status = 0xff;
	set_desc(0, 0, BUFFER_GPA, sizeof(*header), VRING_DESC_F_NEXT);
	set_desc(0, 1, BUFFER_GPA + 0x1000, bytes / 2, flags);
	set_desc(0, 2, BUFFER_GPA + 0x1000 + bytes / 2, bytes - bytes / 2, flags);
	set_desc(0, 3, BUFFER_GPA + 0x100, 1, VRING_DESC_F_WRITE);
	offer(0, 0);
	expect_eq(used(0)->idx, before + 1);
	expect_eq(used(0)->ring[before % QUEUE_SIZE].id, 0);
	if (in && *status == VIRTIO_BLK_S_OK)
		expect_eq(used(0)->ring[before % QUEUE_SIZE].len, data + 1);
	else
		expect_eq(used(0)->ring[before % QUEUE_SIZE].len, 1);
	return *status;
}

void test_virtio_block(void)
{
	char *data = at(BUFFER_GPA + 0x1000);
	char sector[512];

	start(disk(), 1, VIRTQ_MAX_SIZE);
	for (int i = 0; i < 1024; i++)
		data[i] = i * 7;
	expect_eq(request(VIRTIO_BLK_T_OUT, 3, 1024), VIRTIO_BLK_S_OK);
	expect_eq(fake_interrupts(dev->spi), 1);
	expect_eq(get(VIRTIO_MMIO_INTERRUPT_STATUS), VIRTIO_MMIO_INT_VRING);
	set(VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_VRING);
	expect_eq(get(VIRTIO_MMIO_INTERRUPT_STATUS), 0);
	expect(pread(disk_fd, sector, 512, 4 * 512) == 512 && !memcmp(sector, data + 512, 512));

	avail(0)->flags = VRING_AVAIL_F_NO_INTERRUPT;
	memset(data, 0, 1024);
	expect_eq(request(VIRTIO_BLK_T_IN, 4, 512), VIRTIO_BLK_S_OK);
	expect_eq(fake_interrupts(dev->spi), 0);
	expect(!memcmp(sector, data, 512) && !data[512]);

	/* The last sector, and what is beyond */
	expect_eq(request(VIRTIO_BLK_T_IN, DISK_SECTORS - 1, 512), VIRTIO_BLK_S_OK);
	expect_eq(request(VIRTIO_BLK_T_IN, DISK_SECTORS - 1, 1024), VIRTIO_BLK_S_IOERR);
	expect_eq(request(VIRTIO_BLK_T_OUT, DISK_SECTORS, 512), VIRTIO_BLK_S_IOERR);
	expect_eq(request(VIRTIO_BLK_T_OUT, ~0ULL, 512), VIRTIO_BLK_S_IOERR);
	expect_eq(request(VIRTIO_BLK_T_OUT, 1ULL << 55, 512), VIRTIO_BLK_S_IOERR);
	expect_eq(request(VIRTIO_BLK_T_OUT, 0, 500), VIRTIO_BLK_S_IOERR);
	expect_eq(lseek(disk_fd, 0, SEEK_END), DISK_SECTORS * 512);

	expect_eq(request(VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_OK);
	expect_eq(request(VIRTIO_BLK_T_DISCARD, 0, 512), VIRTIO_BLK_S_UNSUPP);
	expect_eq(request(VIRTIO_BLK_T_GET_ID, 0, 40), VIRTIO_BLK_S_OK);
	expect(!strcmp(data, "disk0"));

	/* No header; and no room for the status */
	set_desc(0, 0, BUFFER_GPA, 8, VRING_DESC_F_NEXT);
	set_desc(0, 1, BUFFER_GPA + 0x100, 1, VRING_DESC_F_WRITE);
	offer(0, 0);
	expect_eq(*(u8 *)at(BUFFER_GPA + 0x100), VIRTIO_BLK_S_IOERR);
	set_desc(0, 0, BUFFER_GPA, 16, 0);
	offer(0, 0);
	expect(!needs_reset());
}

/* A guest makes as many mistakes as it likes, and sees to it that each is reported. */
void test_virtio_messages(void)
{
	FILE *terminal = stderr;
	unsigned int lines = 0;
	char *said = NULL;
	size_t size = 0;

	stderr = open_memstream(&said, &size);
	for (int i = 0; i < 1000; i++) {
		start(disk(), 1, VIRTQ_MAX_SIZE);
		offer(0, QUEUE_SIZE);
	}
	fclose(stderr);
	stderr = terminal;

	for (size_t i = 0; i < size; i++)
		lines += said[i] == '\n';
	expect(lines > 0 && lines < 100);
	free(said);
}

/* Another vCPU offers the next request while the device works on the last one. */
static unsigned int requests_left;

static void offer_one_more(void)
{
	if (requests_left) {
		requests_left--;
		avail(1)->idx = ++avail_idx[1];
	}
}

static void test_endless_requests(void)
{
	set_desc(1, 0, BUFFER_GPA, 1, 0);
	requests_left = 10 * 16;
	fake_on_output = offer_one_more;
	fake_rounds = 0;
	offer(1, 0);
	fake_on_output = NULL;
	/* All are dealt with, but other devices had their turn meanwhile */
	expect_eq(requests_left, 0);
	expect_eq(used(1)->idx, avail_idx[1]);
	expect(fake_rounds >= 10);
}

void test_virtio_console(void)
{
	static const u8 typed[] = "typed";
	struct device *console;

	if (!disk())
		return;
	virtio_console_init();
	console = device_at(VIRTIO_BASE + DEVICE_SIZE, 4);
	expect(console);
	if (!console)
		return;

	start(console, 2, 16);
	expect_eq(get(VIRTIO_MMIO_DEVICE_ID), 3);
	expect_eq(get(VIRTIO_MMIO_CONFIG), 25 << 16 | 80);

	memcpy(at(BUFFER_GPA), "hello world", 11);
	set_desc(1, 0, BUFFER_GPA, 6, VRING_DESC_F_NEXT);
	set_desc(1, 1, BUFFER_GPA + 6, 5, 0);
	offer(1, 0);
	expect(fake_output_size == 11 && !memcmp(fake_output, "hello world", 11));
	expect_eq(used(1)->idx, 1);
	expect_eq(fake_interrupts(dev->spi), 1);

	test_endless_requests();

	expect_eq(virtio_console_user.room(), 0);
	set_desc(0, 0, BUFFER_GPA, 2, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE);
	set_desc(0, 1, BUFFER_GPA + 0x100, 30, VRING_DESC_F_WRITE);
	fake_resumes = 0;
	offer(0, 0);
	expect(fake_resumes);
	expect_eq(virtio_console_user.room(), 32);
	expect_eq(virtio_console_user.room(), 32);
	virtio_console_user.input(typed, 5);
	expect(!memcmp(at(BUFFER_GPA), "ty", 2) && !memcmp(at(BUFFER_GPA + 0x100), "ped", 3));
	expect(used(0)->idx == 1 && used(0)->ring[0].len == 5);
	expect_eq(virtio_console_user.room(), 0);

	fake_interrupts(dev->spi);
	set(VIRTIO_MMIO_INTERRUPT_ACK, ~0U);
	virtio_console_user.resized();
	expect_eq(fake_interrupts(dev->spi), 1);
	expect_eq(get(VIRTIO_MMIO_INTERRUPT_STATUS), VIRTIO_MMIO_INT_CONFIG);

	/* A driver that resets it between a look and the input */
	offer(0, 0);
	expect_eq(virtio_console_user.room(), 32);
	set(VIRTIO_MMIO_STATUS, 0);
	virtio_console_user.input(typed, 5);
	expect_eq(used(0)->idx, 1);
}
