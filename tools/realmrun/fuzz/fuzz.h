/* SPDX-License-Identifier: GPL-2.0-only */
/* A fuzzer of the devices: what its files share. */
#ifndef REALMRUN_FUZZ_H
#define REALMRUN_FUZZ_H

#include <sys/uio.h>

#include "../map.h"
#include "../types.h"

/**
 * struct input - bytes that decide what is done, read one after the other
 * @data: the next one
 * @left: number of them; after the last one, all read as 0
 */
struct input {
	const u8 *data;
	size_t left;
};

u64 take(struct input *in, unsigned int bytes);

/* What a guest can do. Safe in several threads at once, as vCPUs are. */
void guest_reset(void);
void guest_start(void);
void guest_step(struct input *in);
void guest_flip(unsigned int which);

/*
 * Guest memory: as many bytes from RAM_BASE on, of which the first page is private.
 * Each queue has a page for its rings; buffers follow.
 */
#define RAM_SIZE		SZ_128K
#define SHARED_BIT		BIT_ULL(32)
#define QUEUE_GPA(n)		(RAM_BASE + (1 + (n)) * SZ_4K)
#define BUFFER_GPA		QUEUE_GPA(NR_QUEUES)
#define NR_QUEUES		4
extern char *ram;

/* In the place of KVM and of the main thread */
void host_init(void);
void host_reset(void);
void host_step(struct input *in);
void host_serve(void);
void host_check(void);
void host_kick(unsigned int queue);

/* Where each queue is notified: the disks have one, the console two */
extern const u64 queue_device[NR_QUEUES];
extern const u32 queue_index[NR_QUEUES];

/* The Makefile gives these names to preadv() and pwritev() in virtio-block.c. */
ssize_t fuzz_preadv(int fd, const struct iovec *iov, int count, off_t offset);
ssize_t fuzz_pwritev(int fd, const struct iovec *iov, int count, off_t offset);

/* Called before each load of a device, by code that the compiler adds */
void __sanitizer_cov_load1(u8 *addr);
void __sanitizer_cov_load2(u16 *addr);
void __sanitizer_cov_load4(u32 *addr);
void __sanitizer_cov_load8(u64 *addr);
void __sanitizer_cov_load16(void *addr);

/* Called by libFuzzer */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

void wrong(const char *fmt, ...) __noreturn __printf(1, 2);

/* Each of these has to have happened at the end, or nothing was tested. */
enum {
	REACHED_DISK_READ,
	REACHED_DISK_WRITTEN,
	REACHED_DISK_ERRORS,
	REACHED_CONSOLE_OUTPUT,
	REACHED_CONSOLE_INPUT,
	REACHED_UART_INPUT,
	REACHED_INTERRUPTS,
	REACHED_BROKEN,
	REACHED_RACES,
	REACHED_LOADS,
	NR_REACHED,
};

void reached(int what, u64 count);

#endif /* REALMRUN_FUZZ_H */
