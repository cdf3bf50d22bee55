// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the place of KVM, the guest's memory, the terminal, the main thread and the
 * files of the disks. What a device must not do whatever the guest does
 * ends the fuzzer: to touch memory that is not shared, to end the process, to make
 * a disk larger, to write to one that is read-only.
 */

#include <errno.h>
#include <fcntl.h>
#include <sanitizer/asan_interface.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../error.h"
#include "../ioevent.h"
#include "../irq.h"
#include "../loop.h"
#include "../memory.h"
#include "../terminal.h"
#include "../uart.h"
#include "../virtio.h"
#include "fuzz.h"

#define DISK_SIZE	(32 * 1024)
#define NR_DISKS	2

/* More than any descriptor can lead to, on both sides of the RAM */
#define NOTHING_SIZE	(8ULL << 30)

char *ram;

const u64 queue_device[NR_QUEUES] = {
	VIRTIO_BASE, VIRTIO_BASE + DEVICE_SIZE, VIRTIO_BASE + 2 * DEVICE_SIZE,
	VIRTIO_BASE + 2 * DEVICE_SIZE,
};

const u32 queue_index[NR_QUEUES] = { 0, 0, 0, 1 };

static struct watch *notified[NR_QUEUES];
static unsigned int nr_ioevents;
static int ioevent_fds[NR_QUEUES];
static bool kicked[NR_QUEUES];
static int irq_fds[NR_QUEUES];
static unsigned int nr_irqs;
static int disk_fds[NR_DISKS];
static bool disk_changed;

/* What goes wrong next with a disk's file: 1 a short transfer, 2 EINTR, 3 EIO */
static u8 disk_fault;

static u64 counts[NR_REACHED];

void reached(int what, u64 count)
{
	__atomic_add_fetch(&counts[what], count, __ATOMIC_RELAXED);
}

void wrong(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("fuzz: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	abort();
}

/* Of what a device uses there must be nothing that it may not use. */
static void check_memory(const void *data, size_t size)
{
	if (size && __asan_region_is_poisoned((void *)data, size))
		wrong("a device uses %zu bytes at %p, which are not all shared memory",
		      size, data);
}

void guest_message(const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (strstr(text, ": queue "))
		reached(REACHED_BROKEN, 1);
}

void die(const char *fmt, ...)
{
	wrong("a guest ends the process: %s", fmt);
}

void die_errno(const char *fmt, ...)
{
	wrong("a guest ends the process: %s", fmt);
}

void irq_set_level(unsigned int spi, bool level)
{
	reached(REACHED_INTERRUPTS, level);
}

int irq_eventfd(unsigned int spi)
{
	irq_fds[nr_irqs] = eventfd(0, EFD_NONBLOCK);
	return irq_fds[nr_irqs++];
}

int ioevent_create(u64 gpa, unsigned int size, u64 value)
{
	int fd = eventfd(0, EFD_NONBLOCK);

	ioevent_fds[nr_ioevents++] = fd;
	return fd;
}

void loop_watch(struct watch *watch)
{
	for (unsigned int i = 0; i < nr_ioevents; i++) {
		if (ioevent_fds[i] == watch->fd)
			notified[i] = watch;
	}
}

void host_kick(unsigned int queue)
{
	__atomic_store_n(&kicked[queue], true, __ATOMIC_RELEASE);
}

void terminal_output(const void *data, size_t size)
{
	check_memory(data, size);
	reached(REACHED_CONSOLE_OUTPUT, size);
}

void terminal_resume_input(void)
{
}

struct window_size terminal_size(void)
{
	static u16 columns;

	return (struct window_size) { ++columns, 25 };
}

void *memory_shared(u64 addr, u64 size)
{
	u64 gpa = addr & ~SHARED_BIT;

	if (gpa < RAM_BASE + SZ_4K || gpa > RAM_BASE + RAM_SIZE ||
	    size > RAM_BASE + RAM_SIZE - gpa)
		return NULL;
	return ram + (gpa - RAM_BASE);
}

static ssize_t transfer(int fd, const struct iovec *iov, int count, off_t offset, bool write)
{
	struct iovec first = *iov;
	u8 fault = disk_fault;

	disk_fault = 0;
	for (int i = 0; i < count; i++)
		check_memory(iov[i].iov_base, iov[i].iov_len);
	if (fault == 1 && first.iov_len > 1) {
		first.iov_len /= 2;
		iov = &first;
		count = 1;
	} else if (fault > 1) {
		errno = fault == 2 ? EINTR : EIO;
		reached(REACHED_DISK_ERRORS, 1);
		return -1;
	}
	if (write && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		wrong("a write to a disk that is read-only");
	disk_changed |= write;
	return write ? pwritev(fd, iov, count, offset) : preadv(fd, iov, count, offset);
}

ssize_t fuzz_preadv(int fd, const struct iovec *iov, int count, off_t offset)
{
	ssize_t n = transfer(fd, iov, count, offset, false);

	reached(REACHED_DISK_READ, n > 0 ? n / 512 : 0);
	return n;
}

ssize_t fuzz_pwritev(int fd, const struct iovec *iov, int count, off_t offset)
{
	ssize_t n = transfer(fd, iov, count, offset, true);

	reached(REACHED_DISK_WRITTEN, n > 0 ? n / 512 : 0);
	return n;
}

/* As terminal.c gives it to the device that has the terminal */
static void give_input(const struct terminal_user *user, size_t size, int what)
{
	u8 data[64];

	size = min(min(user->room(), size), sizeof(data));
	if (!size)
		return;
	memset(data, 'x', size);
	user->input(data, size);
	reached(what, size);
}

static void serve_queue(unsigned int queue)
{
	if (__atomic_exchange_n(&kicked[queue], false, __ATOMIC_ACQUIRE)) {
		eventfd_write(ioevent_fds[queue], 1);
		notified[queue]->ready(notified[queue]);
	}
}

/* All queues that were notified */
void host_serve(void)
{
	for (unsigned int queue = 0; queue < NR_QUEUES; queue++)
		serve_queue(queue);
}

/* What the main thread does next */
void host_step(struct input *in)
{
	u8 what = take(in, 1);

	switch (what % 8) {
	case 0:
		give_input(&uart_user, what / 4, REACHED_UART_INPUT);
		break;
	case 1:
		give_input(&virtio_console_user, what / 4, REACHED_CONSOLE_INPUT);
		break;
	case 2:
		virtio_console_user.resized();
		break;
	case 3:
		disk_fault = what / 8 % 4;
		break;
	default:
		serve_queue(what % 8 - 4);
	}
}

static void reset_disk(int fd)
{
	static const u8 sectors[DISK_SIZE];

	if (pwrite(fd, sectors, DISK_SIZE, 0) != DISK_SIZE)
		wrong("cannot write to a disk");
}

void host_reset(void)
{
	eventfd_t count;

	disk_fault = 0;
	memset(kicked, 0, sizeof(kicked));
	for (unsigned int i = 0; i < nr_irqs; i++) {
		if (!eventfd_read(irq_fds[i], &count))
			reached(REACHED_INTERRUPTS, count);
	}
	if (disk_changed)
		reset_disk(disk_fds[0]);
	disk_changed = false;
}

/* What has to be true whatever was done */
void host_check(void)
{
	for (int i = 0; i < NR_DISKS; i++) {
		if (lseek(disk_fds[i], 0, SEEK_END) != DISK_SIZE)
			wrong("disk %d has another size than at the start", i);
	}
}

static void print_reached(void)
{
	static const char *const names[NR_REACHED] = {
		[REACHED_DISK_READ]	 = "sectors read",
		[REACHED_DISK_WRITTEN]	 = "sectors written",
		[REACHED_DISK_ERRORS]	 = "errors of a disk's file",
		[REACHED_CONSOLE_OUTPUT] = "bytes printed by a guest",
		[REACHED_CONSOLE_INPUT]	 = "bytes of input for the console",
		[REACHED_UART_INPUT]	 = "bytes of input for the UART",
		[REACHED_INTERRUPTS]	 = "interrupts",
		[REACHED_BROKEN]	 = "times that a device gave up",
		[REACHED_RACES]		 = "inputs with a second thread",
		[REACHED_LOADS]		 = "loads from memory that had just changed",
	};

	for (int i = 0; i < NR_REACHED; i++)
		fprintf(stderr, "reached: %llu %s\n", counts[i], names[i]);
}

static void create_ram(void)
{
	char *nothing = mmap(NULL, 2 * NOTHING_SIZE, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (nothing == MAP_FAILED)
		wrong("no address space");
	ram = nothing + NOTHING_SIZE;
	if (mprotect(ram, RAM_SIZE, PROT_READ | PROT_WRITE))
		wrong("no memory");
	ASAN_POISON_MEMORY_REGION(ram - SZ_4K, 2 * SZ_4K);
	ASAN_POISON_MEMORY_REGION(ram + RAM_SIZE, SZ_4K);
}

static void create_disk(int i)
{
	char path[32];

	disk_fds[i] = memfd_create("disk", MFD_CLOEXEC);
	if (disk_fds[i] < 0)
		wrong("no disk");
	reset_disk(disk_fds[i]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", disk_fds[i]);
	virtio_block_init(i, path, i == 1);
}

void host_init(void)
{
	create_ram();
	for (int i = 0; i < NR_DISKS; i++)
		create_disk(i);
	virtio_console_init();
	uart_init();
	atexit(print_reached);
}
