// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_ioctl_fuzz - Every ioctl a VMM can issue, at any time, with anything
 *
 *	realm_ioctl_fuzz [-s SEED] [-n CALLS] [-t THREADS] [-k KIND] [-v]
 *
 * Several threads issue calls on a few VMs that are set up to various degrees:
 * not at all, with or without vCPUs, GIC, memory, contents, never run, running,
 * turned off, beyond repair. Each call is a row of a table: what it is issued
 * on, how its argument is made, and with which errors KVM may refuse it.
 *
 * What must hold: no error but those, no call that does not return; afterwards
 * the host still runs VMs and has all of its memory back. (And nothing in the
 * kernel log, which is for the one who runs the test to see.)
 *
 * Call N of thread T is made from (SEED, T, N) alone: with -t 1 a run is the same
 * again but for the time that vCPUs get.
 */
#include <linux/bits.h>
#include <linux/falloc.h>
#include <linux/sizes.h>

#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest.h"
#include "kvm_util.h"
#include "processor.h"
#include "realm.h"
#include "test_util.h"

#define DEFAULT_CALLS	50000
#define DEFAULT_SEED		1
#define DEFAULT_THREADS	4
#define MAX_THREADS	16
#define NR_VMS		4
#define MAX_VCPUS	4

/* A call that takes longer does not come back. */
#define STUCK_SECONDS	60

/* Memory that VMs may keep: caches of the kernel and the like. */
#define MEMORY_SLACK	(16 * SZ_1M)

/*
 * Memory of a guest, and the address of it in this program. Whatever part of the
 * latter is given to a memslot of whatever size, it is no other memory of ours.
 */
#define RAM_GPA		0x40000000UL
#define RAM_SIZE	SZ_16M
#define RESERVED_SIZE	(16UL * SZ_1G)
#define MAX_SLOT_SIZE	(4UL * SZ_1G)

#define DIST_GPA	0x08000000UL
#define ITS_GPA		0x08080000UL
#define REDIST_GPA	0x080a0000UL
#define DEVICE_GPA	0x0a000000UL

enum file_kind {
	ON_KVM,
	ON_VM,
	ON_VCPU,
	ON_GIC,
	ON_ITS,
	ON_GMEM,
	ON_EVENT,
	ON_MEMORY,
	NR_FILE_KINDS,
};

#define NR_GMEMS	2
#define NR_EVENTS	2

/* Files of a VM, and which of them are of a kind. */
enum {
	FILE_VM,
	FILE_VCPU,
	FILE_GIC	= FILE_VCPU + MAX_VCPUS,
	FILE_ITS,
	FILE_GMEM,
	FILE_EVENT	= FILE_GMEM + NR_GMEMS,
	NR_FILES	= FILE_EVENT + NR_EVENTS,
};

static const struct {
	int first;
	int nr;
} files_of[NR_FILE_KINDS] = {
	[ON_VM]		= { FILE_VM, 1 },
	[ON_VCPU]	= { FILE_VCPU, MAX_VCPUS },
	[ON_GIC]	= { FILE_GIC, 1 },
	[ON_ITS]	= { FILE_ITS, 1 },
	[ON_GMEM]	= { FILE_GMEM, NR_GMEMS },
	[ON_EVENT]	= { FILE_EVENT, NR_EVENTS },
};

/*
 * @fd: -1 if there is none
 * @changes: how often @fd was another one, to know what a call was issued on
 */
struct file {
	atomic_int fd;
	atomic_uint changes;
};

/*
 * @files: any thread may close or replace them at any time
 * @run: of each vCPU, always mapped to something
 * @mem: RESERVED_SIZE, of which RAM_SIZE can be accessed
 */
struct fuzz_vm {
	struct file files[NR_FILES];
	struct kvm_run *run[MAX_VCPUS];
	void *mem;
};

/*
 * One thread.
 * @rng: of the current call
 * @index: which of the files of its kind the current call is issued on
 * @bad_pointer: the argument of the current call is not memory
 * @bad_data: there may be pointers in it that are none
 * @buf: memory for arguments, with none behind it
 * @timer: has KVM_RUN interrupted
 */
struct fuzzer {
	pthread_t thread;
	int id;
	u64 rng;
	int index;
	bool bad_pointer;
	bool bad_data;
	void *buf;
	timer_t timer;
};

#define BUF_SIZE	SZ_256K

/*
 * struct fuzz_call - A row of the table of calls
 * @name: of the ioctl, without KVM_
 * @on: what it is issued on
 * @weight: how often it is, compared to NORMAL_WEIGHT (0)
 * @request: the ioctl
 * @arg: makes its argument; its argument is 0 without
 * @fn: what is done instead of issuing an ioctl; returns -1 and errno too
 * @done: takes what a successful call returned
 * @errnos: errors that are legal, beside ENOMEM, EFAULT for a bad pointer, and EIO
 *	of a VM that is dead
 * @ordinary: those that are legal for an ordinary VM only
 */
struct fuzz_call {
	const char *name;
	enum file_kind on;
	int weight;
	unsigned long request;
	unsigned long (*arg)(struct fuzzer *f, struct fuzz_vm *vm);
	int (*fn)(struct fuzzer *f, struct fuzz_vm *vm, int fd);
	void (*done)(struct fuzzer *f, struct fuzz_vm *vm, unsigned long arg, int ret);
	int errnos[10];
	int ordinary[10];
};

#define NORMAL_WEIGHT	8

/* What the parent, who survives all of it, gets to know. */
#define MAX_CALLS	128
#define MAX_ERRNO	134
#define MAX_EXITS	48

struct report {
	atomic_uint success[MAX_CALLS];
	atomic_uint failure[MAX_CALLS][MAX_ERRNO];
	atomic_uint exits[MAX_EXITS];
	atomic_uint illegal;
	struct {
		atomic_int call;
		atomic_ulong since;
	} now[MAX_THREADS];
};

static struct {
	u64 seed;
	u32 calls;
	u32 threads;
	bool verbose;
	enum vm_kind kind;
	int kvm_fd;
	size_t run_size;
	u64 page;
	struct fuzz_vm vms[NR_VMS];
	struct fuzzer fuzzers[MAX_THREADS];
	struct report *report;
} fuzz;

/*
 * What runs in the VMs. It has no stack, no MMU, and survives everything:
 * whatever it takes an exception for, the next round follows. X0 is random, and if
 * it is 0 the guest turns itself off.
 */
extern const char fuzz_guest[], fuzz_guest_params[], fuzz_guest_end[];

struct fuzz_guest_params {
	u64 shared_bit;
	u64 is_realm;
};

asm(
"	.pushsection .rodata, \"a\"\n"
"	.balign	2048\n"
"fuzz_guest:\n"
"	adr	x28, fuzz_guest\n"
"	adr	x1, fuzz_guest_params\n"
"	ldp	x26, x27, [x1]\n"
"	adr	x1, fuzz_guest_vectors\n"
"	msr	vbar_el1, x1\n"
"	orr	x19, x0, #1\n"
"	cbz	x0, 7f\n"
"fuzz_guest_loop:\n"
"	eor	x19, x19, x19, lsl #13\n"
"	eor	x19, x19, x19, lsr #7\n"
"	eor	x19, x19, x19, lsl #17\n"
"	ubfx	x20, x19, #20, #4\n"
"	ubfx	x21, x19, #28, #11\n"
"	lsl	x21, x21, #12\n"
"	ubfx	x22, x19, #40, #10\n"
"	lsl	x22, x22, #2\n"
"	adr	x30, fuzz_guest_loop\n"
"	adr	x1, 1f\n"
"	add	x1, x1, x20, lsl #2\n"
"	br	x1\n"
"1:	b	10f\n"
"	b	11f\n"
"	b	12f\n"
"	b	13f\n"
"	b	14f\n"
"	b	15f\n"
"	b	16f\n"
"	b	17f\n"
"	b	18f\n"
"	b	19f\n"
"	b	20f\n"
"	b	21f\n"
"	b	22f\n"
"	b	23f\n"
"	b	24f\n"
"	b	25f\n"
	/* A device: load, store, and what cannot be emulated */
"10:	mov	x1, #0x0a000000\n"
"	orr	x1, x1, x26\n"
"	str	w19, [x1, x22]\n"
"	ret\n"
"11:	mov	x1, #0x0a000000\n"
"	orr	x1, x1, x26\n"
"	ldrsh	x2, [x1, x22]\n"
"	ret\n"
"12:	mov	x1, #0x0a000000\n"
"	orr	x1, x1, x26\n"
"	ldp	x2, x3, [x1]\n"
"	ret\n"
	/* Shared memory */
"13:	add	x1, x28, #0x400000\n"
"	orr	x1, x1, x26\n"
"	str	x19, [x1, x21]\n"
"	ret\n"
"14:	add	x1, x28, #0x400000\n"
"	orr	x1, x1, x26\n"
"	ldr	x2, [x1, x21]\n"
"	ret\n"
	/* Private memory, but this code */
"15:	add	x1, x28, #0x10000\n"
"	str	x19, [x1, x21]\n"
"	ret\n"
"16:	add	x1, x28, #0x10000\n"
"	ldr	x2, [x1, x21]\n"
"	ret\n"
	/* The GIC */
"17:	mov	x1, #0x08000000\n"
"	orr	x1, x1, x26\n"
"	ldr	w2, [x1, x22]\n"
"	ret\n"
"18:	mov	x1, #0x080a0000\n"
"	lsl	x2, x21, #1\n"
"	add	x1, x1, x2\n"
"	orr	x1, x1, x26\n"
"	str	w19, [x1, x22]\n"
"	ret\n"
	/* PSCI: CPU_ON, AFFINITY_INFO; rarely CPU_OFF and SYSTEM_OFF */
"19:	ldr	x0, =0xc4000003\n"
"	and	x1, x22, #0xc\n"
"	lsr	x1, x1, #2\n"
"	mov	x2, x28\n"
"	mov	x3, x19\n"
"	b	5f\n"
"20:	ldr	x0, =0xc4000004\n"
"	and	x1, x22, #0xc\n"
"	lsr	x1, x1, #2\n"
"	mov	x2, xzr\n"
"	b	5f\n"
"21:	tst	x22, #0xf0\n"
"	b.ne	2f\n"
"	ldr	x0, =0x84000002\n"
"	tst	x22, #0xf00\n"
"	b.ne	5f\n"
"	ldr	x0, =0x84000008\n"
"	b	5f\n"
"2:	tst	x22, #0xc00\n"
"	b.ne	3f\n"
"	wfi\n"
"3:	ret\n"
	/* RSI_IPA_STATE_SET */
"22:	ldr	x0, =0xc4000197\n"
"	add	x1, x28, #0x10000\n"
"	add	x1, x1, x21\n"
"	ubfx	x2, x22, #4, #4\n"
"	add	x2, x1, x2, lsl #12\n"
"	ubfx	x3, x22, #2, #1\n"
"	mov	x4, xzr\n"
"	b	5f\n"
	/* RSI_HOST_CALL, or the HVC itself */
"23:	ldr	x0, =0x84000000\n"
"	cbz	x27, 5f\n"
"	ldr	x0, =0xc4000199\n"
"	add	x1, x28, #0x10000\n"
"	add	x1, x1, x21\n"
"	b	5f\n"
	/* An SGI */
"24:	ubfx	x1, x22, #4, #4\n"
"	lsl	x1, x1, #24\n"
"	orr	x1, x1, #0xf\n"
"	msr	s3_0_c12_c11_5, x1\n"
"	ret\n"
	/* Code that is not there */
"25:	add	x1, x28, #0x400000\n"
"	add	x1, x1, x21\n"
"	tbz	x22, #4, 4f\n"
"	orr	x1, x1, x26\n"
"4:	br	x1\n"
"5:	cbz	x27, 6f\n"
"	smc	#0\n"
"	ret\n"
"6:	hvc	#0\n"
"	ret\n"
"7:	ldr	x0, =0x84000008\n"
"	adr	x30, fuzz_guest_loop\n"
"	b	5b\n"
"	.ltorg\n"
"	.balign	16\n"
"fuzz_guest_params:\n"
"	.quad	0, 0\n"
"	.balign	2048\n"
"fuzz_guest_vectors:\n"
"	.rept	16\n"
"	adr	x1, fuzz_guest_loop\n"
"	msr	elr_el1, x1\n"
"	eret\n"
"	.balign	128\n"
"	.endr\n"
"fuzz_guest_end:\n"
"	.popsection\n"
);

/*
 * Random numbers
 */

/* splitmix64: any state is a good one */
static u64 rnd(struct fuzzer *f)
{
	u64 x = f->rng += 0x9e3779b97f4a7c15UL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9UL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebUL;
	return x ^ x >> 31;
}

static u64 below(struct fuzzer *f, u64 n)
{
	return rnd(f) % n;
}

static bool one_in(struct fuzzer *f, u64 n)
{
	return !below(f, n);
}

#define PICK(_f, _array) ((_array)[below(_f, ARRAY_SIZE(_array))])

/* Where mistakes are made: ends of ranges, single bits. */
static u64 any_u64(struct fuzzer *f)
{
	switch (below(f, 8)) {
	case 0:
		return 0;
	case 1:
		return -1UL;
	case 2:
		return BIT_ULL(below(f, 64));
	case 3:
		return BIT_ULL(below(f, 64)) - 1;
	case 4:
		return -fuzz.page * below(f, 4);
	case 5:
		return below(f, 1024);
	case 6:
		return (u32)rnd(f);
	default:
		return rnd(f);
	}
}

static u64 any_gpa(struct fuzzer *f)
{
	static const u64 bases[] = {
		0, DIST_GPA, ITS_GPA, REDIST_GPA, DEVICE_GPA, RAM_GPA, 2 * RAM_GPA,
		BIT(39) - SZ_64K, BIT(39), BIT(39) | RAM_GPA, BIT(40) - SZ_64K, BIT(40),
		BIT(47), BIT(48), -SZ_64K,
	};

	if (one_in(f, 16))
		return any_u64(f);
	if (one_in(f, 4))
		return PICK(f, bases) + below(f, 16) * fuzz.page +
		       (one_in(f, 4) ? below(f, 64) : 0);
	return RAM_GPA + below(f, RAM_SIZE / fuzz.page) * fuzz.page;
}

/* Of memory. No more than takes a moment, unless it is wrong. */
static u64 any_size(struct fuzzer *f)
{
	switch (below(f, 16)) {
	case 0:
		return 0;
	case 1:
		return below(f, fuzz.page);
	case 2:
		return -fuzz.page * below(f, 16);
	case 3:
		return RAM_SIZE;
	case 4:
		return SZ_2M;
	default:
		return (1 + below(f, 32)) * fuzz.page;
	}
}

static u64 any_uaddr(struct fuzzer *f, struct fuzz_vm *vm)
{
	if (one_in(f, 16))
		return 0;
	if (one_in(f, 32))
		return -fuzz.page * below(f, 64);
	if (one_in(f, 16))
		return (u64)vm->mem + below(f, SZ_64K);
	if (one_in(f, 16))
		return (u64)vm->mem + RAM_SIZE + below(f, 64) * fuzz.page;
	return (u64)vm->mem + below(f, RAM_SIZE / fuzz.page) * fuzz.page;
}

static u32 any_bits(struct fuzzer *f, u32 valid)
{
	return one_in(f, 16) ? rnd(f) : (u32)rnd(f) & valid;
}

/*
 * Arguments
 */

/* Behind the last byte there is no memory: KVM must not look at it. */
static void *put(struct fuzzer *f, const void *data, size_t size)
{
	static const unsigned long bad[] = { 0, 8, BIT(47), -SZ_4K, BIT(63) | SZ_64K };
	void *p = f->buf + BUF_SIZE - size;

	if (one_in(f, 64)) {
		f->bad_pointer = true;
		return one_in(f, 2) ? (void *)PICK(f, bad) : p + size / 2 + 1;
	}

	if (data)
		memcpy(p, data, size);
	else
		memset(p, 0, size);
	if (size && one_in(f, 24)) {
		f->bad_data = true;
		for (int i = 1 + below(f, 4); i; i--)
			((u8 *)p)[below(f, size)] ^= BIT(below(f, 8));
	}
	return p;
}

#define PUT(_f, _struct) ((unsigned long)put(_f, &(_struct), sizeof(_struct)))

/* Memory that an argument points to, behind the argument itself. */
static u64 put_data(struct fuzzer *f, size_t size, u64 value)
{
	u64 *p = f->buf;

	if (one_in(f, 64)) {
		f->bad_data = true;
		return any_u64(f);
	}
	memset(p, 0, min_t(size_t, size, BUF_SIZE / 2));
	*p = value;
	return (u64)p;
}

static unsigned long arg_0(struct fuzzer *f, struct fuzz_vm *vm)
{
	return one_in(f, 8) ? any_u64(f) : 0;
}

/* Results only. Of any structure that is, or no pointer at all. */
static unsigned long arg_page(struct fuzzer *f, struct fuzz_vm *vm)
{
	return (unsigned long)put(f, NULL, SZ_4K);
}

static unsigned long arg_cap_number(struct fuzzer *f, struct fuzz_vm *vm)
{
	return one_in(f, 8) ? any_u64(f) : below(f, 260);
}

static unsigned long arg_vm_type(struct fuzzer *f, struct fuzz_vm *vm)
{
	if (one_in(f, 4))
		return any_u64(f);
	return (fuzz.kind == VM_REALM ? KVM_VM_TYPE_ARM_REALM : 0) |
	       (one_in(f, 2) ? 0 : below(f, 64));
}

static unsigned long arg_vcpu_id(struct fuzzer *f, struct fuzz_vm *vm)
{
	f->index = below(f, MAX_VCPUS);
	return one_in(f, 4) ? any_u64(f) : f->index;
}

static unsigned long arg_enable_cap(struct fuzzer *f, struct fuzz_vm *vm)
{
	static const u32 caps[] = {
		KVM_CAP_ARM_NISV_TO_USER, KVM_CAP_ARM_MTE, KVM_CAP_ARM_SYSTEM_SUSPEND,
		KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE, KVM_CAP_DIRTY_LOG_RING_ACQ_REL,
		KVM_CAP_DIRTY_LOG_RING, KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP,
		KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, KVM_CAP_HALT_POLL, KVM_CAP_ARM_RMI,
		KVM_CAP_EXIT_HYPERCALL, KVM_CAP_ARM_INJECT_EXT_DABT,
	};
	struct kvm_enable_cap cap = {
		.cap = one_in(f, 4) ? below(f, 260) : PICK(f, caps),
		.flags = one_in(f, 16) ? rnd(f) : 0,
		.args = { one_in(f, 2) ? BIT(below(f, 14)) : any_u64(f) },
	};

	return PUT(f, cap);
}

static unsigned long arg_region2(struct fuzzer *f, struct fuzz_vm *vm)
{
	static const u64 sizes[] = { RAM_SIZE, SZ_2M, SZ_1G, MAX_SLOT_SIZE };
	struct kvm_userspace_memory_region2 region = {
		.slot = one_in(f, 32) ? rnd(f) : below(f, 4),
		.flags = any_bits(f, KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES |
				     KVM_MEM_GUEST_MEMFD),
		.guest_phys_addr = any_gpa(f),
		.userspace_addr = any_uaddr(f, vm),
		.memory_size = any_size(f),
		.guest_memfd_offset = one_in(f, 4) ? any_size(f) : 0,
		.guest_memfd = vm->files[FILE_GMEM + below(f, NR_GMEMS)].fd,
	};

	if (one_in(f, 4))
		region.memory_size = PICK(f, sizes);
	/* What the guest could be working with. */
	if (one_in(f, 2))
		region.guest_phys_addr = RAM_GPA + SZ_2M * below(f, 8);
	/* Of another VM, or no guest_memfd. */
	if (one_in(f, 8))
		region.guest_memfd = fuzz.vms[below(f, NR_VMS)].files[below(f, NR_FILES)].fd;
	if (one_in(f, 4))
		region.memory_size = 0;

	return PUT(f, region);
}

static unsigned long arg_region(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_userspace_memory_region region = {
		.slot = one_in(f, 32) ? rnd(f) : below(f, 4),
		.flags = any_bits(f, KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES),
		.guest_phys_addr = any_gpa(f),
		.userspace_addr = any_uaddr(f, vm),
		.memory_size = one_in(f, 4) ? 0 : any_size(f),
	};

	return PUT(f, region);
}

static unsigned long arg_dirty_log(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_dirty_log log = {
		.slot = one_in(f, 16) ? rnd(f) : below(f, 4),
		.dirty_bitmap = (void *)put_data(f, BUF_SIZE / 2, any_u64(f)),
	};

	return PUT(f, log);
}

static unsigned long arg_clear_dirty_log(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_clear_dirty_log log = {
		.slot = one_in(f, 16) ? rnd(f) : below(f, 4),
		.num_pages = one_in(f, 4) ? any_u64(f) : 64 * below(f, 64),
		.first_page = one_in(f, 4) ? any_u64(f) : 64 * below(f, 64),
		.dirty_bitmap = (void *)put_data(f, SZ_4K, any_u64(f)),
	};

	return PUT(f, log);
}

static unsigned long arg_coalesced(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_coalesced_mmio_zone zone = {
		.addr = one_in(f, 2) ? DEVICE_GPA + SZ_4K * below(f, 4) : any_gpa(f),
		.size = one_in(f, 4) ? rnd(f) : SZ_4K,
		.pio = one_in(f, 8),
	};

	return PUT(f, zone);
}

static int any_eventfd(struct fuzzer *f, struct fuzz_vm *vm)
{
	if (one_in(f, 16))
		return fuzz.vms[below(f, NR_VMS)].files[below(f, NR_FILES)].fd;
	return one_in(f, 16) ? (int)any_u64(f) : vm->files[FILE_EVENT + below(f, NR_EVENTS)].fd;
}

static unsigned long arg_irqfd(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_irqfd irqfd = {
		.fd = any_eventfd(f, vm),
		.gsi = one_in(f, 4) ? any_u64(f) : below(f, 64),
		.flags = any_bits(f, KVM_IRQFD_FLAG_DEASSIGN | KVM_IRQFD_FLAG_RESAMPLE),
		.resamplefd = any_eventfd(f, vm),
	};

	return PUT(f, irqfd);
}

static unsigned long arg_ioeventfd(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_ioeventfd ioeventfd = {
		.datamatch = one_in(f, 2) ? 0 : any_u64(f),
		.addr = one_in(f, 2) ? DEVICE_GPA + 4 * below(f, 1024) : any_gpa(f),
		.len = one_in(f, 4) ? below(f, 32) : BIT(below(f, 4)),
		.fd = any_eventfd(f, vm),
		.flags = any_bits(f, KVM_IOEVENTFD_FLAG_DATAMATCH |
				     KVM_IOEVENTFD_FLAG_DEASSIGN),
	};

	return PUT(f, ioeventfd);
}

static unsigned long arg_msi(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_msi msi = {
		.address_lo = one_in(f, 2) ? ITS_GPA + SZ_64K + 0x40 : any_gpa(f),
		.address_hi = one_in(f, 8) ? rnd(f) : 0,
		.data = below(f, 64),
		.flags = any_bits(f, KVM_MSI_VALID_DEVID),
		.devid = one_in(f, 8) ? rnd(f) : below(f, 4),
	};

	return PUT(f, msi);
}

static unsigned long arg_irq_line(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_irq_level level = {
		.irq = one_in(f, 8) ? rnd(f) :
		       below(f, 4) << KVM_ARM_IRQ_TYPE_SHIFT |
		       below(f, MAX_VCPUS + 1) << KVM_ARM_IRQ_VCPU_SHIFT |
		       below(f, 128),
		.level = below(f, 2),
	};

	return PUT(f, level);
}

static unsigned long arg_gsi_routing(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entries[8];
	} routing = {
		.head.nr = one_in(f, 16) ? rnd(f) : below(f, 9),
		.head.flags = one_in(f, 32) ? rnd(f) : 0,
	};

	for (int i = 0; i < ARRAY_SIZE(routing.entries); i++) {
		struct kvm_irq_routing_entry *entry = &routing.entries[i];

		entry->gsi = one_in(f, 8) ? any_u64(f) : below(f, 64);
		entry->flags = any_bits(f, KVM_MSI_VALID_DEVID);
		if (one_in(f, 2)) {
			entry->type = KVM_IRQ_ROUTING_IRQCHIP;
			entry->u.irqchip.irqchip = one_in(f, 8) ? rnd(f) : 0;
			entry->u.irqchip.pin = one_in(f, 8) ? rnd(f) : below(f, 64);
		} else {
			entry->type = one_in(f, 8) ? below(f, 8) : KVM_IRQ_ROUTING_MSI;
			entry->u.msi.address_lo = ITS_GPA + SZ_64K + 0x40;
			entry->u.msi.data = below(f, 64);
			entry->u.msi.devid = below(f, 4);
		}
	}
	return PUT(f, routing);
}

static unsigned long arg_attributes(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_memory_attributes attributes = {
		.address = any_gpa(f),
		.size = any_size(f),
		.attributes = one_in(f, 16) ? any_u64(f) :
			      one_in(f, 2) ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0,
		.flags = one_in(f, 32) ? rnd(f) : 0,
	};
	unsigned long arg = PUT(f, attributes);
	struct kvm_memory_attributes *p = (void *)arg;

	/* An attribute is stored for each page, of as many as there are asked for. */
	if (!f->bad_pointer && p->address + p->size > p->address)
		p->size = min_t(u64, p->size, 2 * RAM_SIZE);
	return arg;
}

static unsigned long arg_create_device(struct fuzzer *f, struct fuzz_vm *vm)
{
	static const u32 types[] = {
		KVM_DEV_TYPE_ARM_VGIC_V2, KVM_DEV_TYPE_ARM_VGIC_V3, KVM_DEV_TYPE_ARM_VGIC_ITS,
		KVM_DEV_TYPE_VFIO, KVM_DEV_TYPE_ARM_PV_TIME,
	};
	struct kvm_create_device device = {
		.type = one_in(f, 8) ? rnd(f) : PICK(f, types),
		.fd = -1,
		.flags = one_in(f, 8) ? rnd(f) : one_in(f, 2) ? KVM_CREATE_DEVICE_TEST : 0,
	};

	return PUT(f, device);
}

static unsigned long arg_create_gmem(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_create_guest_memfd gmem = {
		.size = one_in(f, 4) ? any_u64(f) : RAM_SIZE,
		.flags = one_in(f, 4) ? any_u64(f) : 0,
	};

	return PUT(f, gmem);
}

static unsigned long arg_device_addr(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_arm_device_addr addr = {
		.id = one_in(f, 8) ? any_u64(f) :
		      KVM_ARM_DEVICE_VGIC_V2 << KVM_ARM_DEVICE_ID_SHIFT | below(f, 3),
		.addr = any_gpa(f),
	};

	return PUT(f, addr);
}

static unsigned long arg_copy_tags(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_arm_copy_mte_tags tags = {
		.guest_ipa = any_gpa(f),
		.length = any_size(f),
		.addr = (void *)put_data(f, SZ_4K, 0),
		.flags = any_bits(f, 1),
	};

	return PUT(f, tags);
}

static unsigned long arg_counter_offset(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_arm_counter_offset offset = {
		.counter_offset = any_u64(f),
		.reserved = one_in(f, 16),
	};

	return PUT(f, offset);
}

static unsigned long arg_writable_masks(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct reg_mask_range range = {
		.addr = put_data(f, SZ_4K, 0),
		.range = one_in(f, 4) ? rnd(f) : 0,
	};

	return PUT(f, range);
}

static unsigned long arg_populate(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_arm_rmi_populate populate = {
		.base = any_gpa(f),
		.size = any_size(f),
		.source_uaddr = any_uaddr(f, vm),
		.flags = any_bits(f, KVM_ARM_RMI_POPULATE_FLAGS_MEASURE),
		.reserved = one_in(f, 32),
	};

	if (one_in(f, 16))
		populate.size = any_u64(f);
	return PUT(f, populate);
}

static unsigned long arg_attr(struct fuzzer *f, u32 nr_groups, u64 attr, u64 value)
{
	struct kvm_device_attr device_attr = {
		.group = one_in(f, 16) ? rnd(f) : below(f, nr_groups),
		.attr = attr,
		.addr = put_data(f, 256, value),
		.flags = one_in(f, 32) ? rnd(f) : 0,
	};

	return PUT(f, device_attr);
}

/* KVM_ARM_VM_SMCCC_CTRL is the only group: functions, their number, an action */
static unsigned long arg_vm_attr(struct fuzzer *f, struct fuzz_vm *vm)
{
	return arg_attr(f, 2, below(f, 3),
			one_in(f, 2) ? any_u64(f) : 0x84000000 | below(f, 32) | 4UL << 32);
}

static unsigned long arg_vcpu_attr(struct fuzzer *f, struct fuzz_vm *vm)
{
	return arg_attr(f, 5, below(f, 6),
			one_in(f, 2) ? below(f, 64) : any_gpa(f));
}

static unsigned long arg_gic_attr(struct fuzzer *f, struct fuzz_vm *vm)
{
	static const u64 values[] = {
		DIST_GPA, REDIST_GPA, ITS_GPA, 32, 64, 96, 1024, RAM_GPA,
		1, REDIST_GPA | 2UL << 52,
	};
	u64 attr = below(f, 8);

	if (one_in(f, 2)) {
		attr = below(f, MAX_VCPUS + 1) << 32;
		attr |= one_in(f, 2) ? below(f, SZ_64K) : 4 * below(f, 64);
	}
	if (one_in(f, 16))
		attr = any_u64(f);
	return arg_attr(f, 10, attr, one_in(f, 2) ? PICK(f, values) : any_u64(f));
}

static unsigned long arg_vcpu_init(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_vcpu_init init = {
		.target = one_in(f, 16) ? rnd(f) : KVM_ARM_TARGET_GENERIC_V8,
		.features = { BIT(KVM_ARM_VCPU_PSCI_0_2) | (one_in(f, 4) ? below(f, 512) : 0),
			      one_in(f, 64) },
	};

	return PUT(f, init);
}

static unsigned long arg_finalize(struct fuzzer *f, struct fuzz_vm *vm)
{
	int what = one_in(f, 4) ? any_u64(f) : KVM_ARM_VCPU_SVE;

	return PUT(f, what);
}

static u64 any_reg(struct fuzzer *f)
{
	static const u64 regs[] = {
		ARM64_CORE_REG(regs.pc), ARM64_CORE_REG(regs.pstate), ARM64_CORE_REG(sp_el1),
		KVM_REG_ARM64_SVE_VLS, KVM_REG_ARM_TIMER_CNT, KVM_REG_ARM_TIMER_CVAL,
		KVM_REG_ARM_TIMER_CTL, KVM_REG_ARM_PTIMER_CNT, KVM_REG_ARM_PSCI_VERSION,
		KVM_ARM64_SYS_REG(SYS_ID_AA64DFR0_EL1), KVM_ARM64_SYS_REG(SYS_ID_AA64PFR0_EL1),
		KVM_ARM64_SYS_REG(SYS_MPIDR_EL1), KVM_ARM64_SYS_REG(SYS_SCTLR_EL1),
	};

	switch (below(f, 6)) {
	case 0:
		return rnd(f);
	case 1:
		return PICK(f, regs);
	case 2:
		return KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM64_SYSREG | below(f, BIT(16));
	case 3:
		return KVM_REG_ARM64 | below(f, 12) << KVM_REG_SIZE_SHIFT |
		       below(f, 32) << KVM_REG_ARM_COPROC_SHIFT | below(f, BIT(16));
	default:
		return ARM64_CORE_REG(regs.regs[0]) + 2 * below(f, 31);
	}
}

static unsigned long arg_reg(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_one_reg reg = {
		.id = any_reg(f),
		.addr = put_data(f, 2048, any_u64(f)),
	};

	return PUT(f, reg);
}

static unsigned long arg_reg_list(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_reg_list *list;

	/* The list follows what says how long it may be. */
	list = put(f, NULL, sizeof(*list) + 4096 * sizeof(u64));
	if (!f->bad_pointer)
		list->n = one_in(f, 2) ? 4096 : below(f, 64);
	return (unsigned long)list;
}

static unsigned long arg_events(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_vcpu_events events = {
		.exception.serror_pending = one_in(f, 4),
		.exception.serror_has_esr = one_in(f, 4),
		.exception.ext_dabt_pending = one_in(f, 2),
		.exception.serror_esr = one_in(f, 2) ? 0 : any_u64(f),
	};

	return PUT(f, events);
}

static unsigned long arg_mp_state(struct fuzzer *f, struct fuzz_vm *vm)
{
	static const u32 states[] = {
		KVM_MP_STATE_RUNNABLE, KVM_MP_STATE_STOPPED, KVM_MP_STATE_SUSPENDED,
	};
	struct kvm_mp_state state = {
		.mp_state = one_in(f, 8) ? rnd(f) : PICK(f, states),
	};

	return PUT(f, state);
}

static unsigned long arg_guest_debug(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_guest_debug debug = {
		.control = any_bits(f, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP |
				       KVM_GUESTDBG_USE_HW | KVM_GUESTDBG_USE_SW_BP),
	};

	for (int i = 0; i < KVM_ARM_MAX_DBG_REGS; i++) {
		debug.arch.dbg_bcr[i] = rnd(f);
		debug.arch.dbg_wcr[i] = rnd(f);
	}
	return PUT(f, debug);
}

/* Never the signal that ends KVM_RUN. */
static unsigned long arg_sigmask(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct {
		u32 len;
		u8 set[8];
	} __packed mask = {
		.len = one_in(f, 8) ? rnd(f) : 8,
	};
	u64 set = rnd(f) & ~BIT_ULL(SIGUSR1 - 1);
	unsigned long arg;

	if (one_in(f, 4))
		return 0;
	arg = (unsigned long)put(f, &mask, sizeof(mask));
	if (!f->bad_pointer)
		memcpy((void *)arg + sizeof(u32), &set, sizeof(set));
	return arg;
}

static unsigned long arg_translate(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_translation translation = {
		.linear_address = any_gpa(f),
	};

	return PUT(f, translation);
}

static unsigned long arg_pre_fault(struct fuzzer *f, struct fuzz_vm *vm)
{
	struct kvm_pre_fault_memory memory = {
		.gpa = any_gpa(f),
		.size = any_size(f),
	};

	return PUT(f, memory);
}

/*
 * Files
 */

/* Of a vCPU, or memory that is nobody's. */
static void map_run(struct fuzz_vm *vm, int index, int fd)
{
	const size_t size = 16 * fuzz.page;
	void *p = vm->run[index];

	p = mmap(p, size, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	TEST_ASSERT(p != MAP_FAILED, "mmap() of nothing");
	if (fd >= 0)
		mmap(p, fuzz.run_size, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_SHARED, fd, 0);
}

static void drop_file(struct fuzz_vm *vm, int i)
{
	int fd = atomic_exchange(&vm->files[i].fd, -1);

	if (fd < 0)
		return;
	atomic_fetch_add(&vm->files[i].changes, 1);
	if (i >= FILE_VCPU && i < FILE_VCPU + MAX_VCPUS)
		map_run(vm, i - FILE_VCPU, -1);
	close(fd);
}

static void keep_file(struct fuzz_vm *vm, int i, int fd)
{
	int none = -1;

	if (fd < 0)
		return;
	if (!atomic_compare_exchange_strong(&vm->files[i].fd, &none, fd)) {
		close(fd);
		return;
	}
	atomic_fetch_add(&vm->files[i].changes, 1);
	if (i >= FILE_VCPU && i < FILE_VCPU + MAX_VCPUS)
		map_run(vm, i - FILE_VCPU, fd);
}

static void close_fd(struct fuzzer *f, struct fuzz_vm *vm, unsigned long arg, int ret)
{
	close(ret);
}

static void keep_vcpu(struct fuzzer *f, struct fuzz_vm *vm, unsigned long arg, int ret)
{
	keep_file(vm, FILE_VCPU + f->index, ret);
}

static void keep_gmem(struct fuzzer *f, struct fuzz_vm *vm, unsigned long arg, int ret)
{
	keep_file(vm, FILE_GMEM + below(f, NR_GMEMS), ret);
}

static void keep_device(struct fuzzer *f, struct fuzz_vm *vm, unsigned long arg, int ret)
{
	struct kvm_create_device *device = (void *)arg;

	if (f->bad_pointer || device->flags & KVM_CREATE_DEVICE_TEST)
		return;
	if (device->type == KVM_DEV_TYPE_ARM_VGIC_ITS)
		keep_file(vm, FILE_ITS, device->fd);
	else if (device->type == KVM_DEV_TYPE_ARM_VGIC_V3)
		keep_file(vm, FILE_GIC, device->fd);
	else
		close(device->fd);
}

static void keep_eventfd(struct fuzz_vm *vm, int i)
{
	keep_file(vm, FILE_EVENT + i, eventfd(0, EFD_NONBLOCK));
}

/*
 * Making VMs. Nothing is checked: whatever does not succeed for what other
 * threads do meanwhile, is one more state to be in.
 */

static void give_memory(struct fuzz_vm *vm, u64 size)
{
	const bool private = fuzz.kind == VM_REALM;
	struct kvm_create_guest_memfd gmem = { .size = RAM_SIZE };
	struct kvm_userspace_memory_region2 region = {
		.flags = private ? KVM_MEM_GUEST_MEMFD : 0,
		.guest_phys_addr = RAM_GPA,
		.userspace_addr = (u64)vm->mem,
		.memory_size = size,
	};
	struct kvm_memory_attributes attributes = {
		.address = RAM_GPA,
		.size = RAM_SIZE / 2,
		.attributes = KVM_MEMORY_ATTRIBUTE_PRIVATE,
	};
	int vm_fd = vm->files[FILE_VM].fd;

	if (private) {
		keep_file(vm, FILE_GMEM, ioctl(vm_fd, KVM_CREATE_GUEST_MEMFD, &gmem));
		region.guest_memfd = vm->files[FILE_GMEM].fd;
	}
	ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION2, &region);
	if (private)
		ioctl(vm_fd, KVM_SET_MEMORY_ATTRIBUTES, &attributes);
}

static void populate(struct fuzz_vm *vm, u64 size)
{
	const size_t code = fuzz_guest_end - fuzz_guest;
	struct fuzz_guest_params params = {
		.shared_bit = fuzz.kind == VM_REALM ? BIT_ULL(39) : 0,
		.is_realm = fuzz.kind == VM_REALM,
	};
	struct kvm_arm_rmi_populate args = {
		.base = RAM_GPA,
		.size = size,
		.source_uaddr = (u64)vm->mem,
	};

	mmap(vm->mem, RAM_SIZE, PROT_READ | PROT_WRITE,
	     MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(vm->mem, fuzz_guest, code);
	memcpy(vm->mem + (fuzz_guest_params - fuzz_guest), &params, sizeof(params));
	if (fuzz.kind != VM_REALM)
		return;

	while (args.size && !ioctl(vm->files[FILE_VM].fd, KVM_ARM_RMI_POPULATE, &args))
		;
}

static void set_reg(int vcpu_fd, u64 id, u64 value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)&value };

	ioctl(vcpu_fd, KVM_SET_ONE_REG, &reg);
}

static void init_vcpu(struct fuzzer *f, struct fuzz_vm *vm, int i, bool sve)
{
	int fd = vm->files[FILE_VCPU + i].fd;
	struct kvm_vcpu_init init = {
		.target = KVM_ARM_TARGET_GENERIC_V8,
		.features = { BIT(KVM_ARM_VCPU_PSCI_0_2) },
	};
	int what = KVM_ARM_VCPU_SVE;

	if (i && one_in(f, 2))
		init.features[0] |= BIT(KVM_ARM_VCPU_POWER_OFF);
	if (sve)
		init.features[0] |= BIT(KVM_ARM_VCPU_SVE);
	ioctl(fd, KVM_ARM_VCPU_INIT, &init);
	if (sve)
		ioctl(fd, KVM_ARM_VCPU_FINALIZE, &what);
	set_reg(fd, ARM64_CORE_REG(regs.regs[0]), one_in(f, 16) ? 0 : rnd(f));
	set_reg(fd, ARM64_CORE_REG(regs.pc), RAM_GPA);
}

static void set_attr(int fd, u32 group, u64 attr, u64 value)
{
	struct kvm_device_attr device_attr = {
		.group = group,
		.attr = attr,
		.addr = (u64)&value,
	};

	ioctl(fd, KVM_SET_DEVICE_ATTR, &device_attr);
}

static void make_gic(struct fuzz_vm *vm, bool its)
{
	struct kvm_create_device gic = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	int vm_fd = vm->files[FILE_VM].fd;

	if (!ioctl(vm_fd, KVM_CREATE_DEVICE, &gic))
		keep_file(vm, FILE_GIC, gic.fd);
	set_attr(vm->files[FILE_GIC].fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
		 KVM_VGIC_V3_ADDR_TYPE_DIST, DIST_GPA);
	set_attr(vm->files[FILE_GIC].fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
		 KVM_VGIC_V3_ADDR_TYPE_REDIST, REDIST_GPA);
	if (!its)
		return;

	gic.type = KVM_DEV_TYPE_ARM_VGIC_ITS;
	if (!ioctl(vm_fd, KVM_CREATE_DEVICE, &gic))
		keep_file(vm, FILE_ITS, gic.fd);
	set_attr(vm->files[FILE_ITS].fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
		 KVM_VGIC_ITS_ADDR_TYPE, ITS_GPA);
}

static void init_gic(struct fuzz_vm *vm)
{
	set_attr(vm->files[FILE_GIC].fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
		 KVM_DEV_ARM_VGIC_CTRL_INIT, 0);
	set_attr(vm->files[FILE_ITS].fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
		 KVM_DEV_ARM_VGIC_CTRL_INIT, 0);
}

static int close_file(struct fuzzer *f, struct fuzz_vm *vm, int fd)
{
	int i = below(f, NR_FILES);

	drop_file(vm, i);
	if (i >= FILE_EVENT)
		keep_eventfd(vm, i - FILE_EVENT);
	return 0;
}

/*
 * Calls that are more than an ioctl
 */

static void on_kick(int sig)
{
}

static void kick_after(struct fuzzer *f, u64 ns)
{
	/* Over and over: it may come before KVM_RUN. */
	struct itimerspec time = {
		.it_value.tv_nsec = ns,
		.it_interval.tv_nsec = ns ? 5000000 : 0,
	};

	timer_settime(f->timer, 0, &time, NULL);
}

static void convert_memory(struct fuzz_vm *vm, struct kvm_run *run)
{
	struct kvm_memory_attributes attributes = {
		.address = run->memory_fault.gpa,
		.size = min_t(u64, run->memory_fault.size, RAM_SIZE),
		.attributes = run->memory_fault.flags & KVM_MEMORY_EXIT_FLAG_PRIVATE ?
			      KVM_MEMORY_ATTRIBUTE_PRIVATE : 0,
	};

	ioctl(vm->files[FILE_VM].fd, KVM_SET_MEMORY_ATTRIBUTES, &attributes);
}

/* In what KVM shares with the VMM: struct kvm_run, or the ring of coalesced MMIO */
static void scribble(struct fuzzer *f, struct fuzz_vm *vm)
{
	void *p = vm->run[f->index];

	if (one_in(f, 4))
		p += KVM_COALESCED_MMIO_PAGE_OFFSET * fuzz.page;
	((u64 *)p)[below(f, one_in(f, 2) ? 4 : 512)] = any_u64(f);
}

/*
 * Not for long, but a few times. EFAULT is a memory fault that a VMM can do
 * something about, and half of the time it does.
 */
static int run_vcpu(struct fuzzer *f, struct fuzz_vm *vm, int fd)
{
	struct kvm_run *run = vm->run[f->index];
	int n = 1 + below(f, 8);
	int ret, err;

	if (one_in(f, 16))
		return ioctl(fd, KVM_RUN, any_u64(f) | 1);

	run->immediate_exit = one_in(f, 16) ? rnd(f) : 0;
	kick_after(f, 1000000 + below(f, 12000000));
	do {
		if (one_in(f, 16))
			scribble(f, vm);
		ret = ioctl(fd, KVM_RUN, 0);
		err = errno;
		if (!ret || err == EFAULT)
			fuzz.report->exits[run->exit_reason % MAX_EXITS]++;
		if (ret && err == EFAULT && run->exit_reason == KVM_EXIT_MEMORY_FAULT &&
		    one_in(f, 2)) {
			convert_memory(vm, run);
			ret = 0;
		}
		for (int i = 0; i < 8; i++)
			run->mmio.data[i] = rnd(f);
	} while (!ret && --n);
	kick_after(f, 0);

	errno = err;
	return ret;
}

/* Any step may be left out, but most VMs are to get far. */
static int new_vm(struct fuzzer *f, struct fuzz_vm *vm, int fd)
{
	const int steps = one_in(f, 2) ? 7 : below(f, 8);
	const int nr_vcpus = 1 + below(f, MAX_VCPUS);
	const bool sve = one_in(f, 4);
	int i;

	for (i = NR_FILES - 1; i >= 0; i--)
		drop_file(vm, i);

	keep_file(vm, FILE_VM, ioctl(fuzz.kvm_fd, KVM_CREATE_VM,
				     fuzz.kind == VM_REALM ? KVM_VM_TYPE_ARM_REALM : 0));
	for (i = 0; i < NR_EVENTS; i++)
		keep_eventfd(vm, i);
	if (steps > 0 && !one_in(f, 16))
		give_memory(vm, one_in(f, 8) ? SZ_2M : RAM_SIZE);
	if (steps > 1) {
		for (i = 0; i < nr_vcpus; i++) {
			unsigned long id = one_in(f, 64) ? 10 + i : i;

			keep_file(vm, FILE_VCPU + i,
				  ioctl(vm->files[FILE_VM].fd, KVM_CREATE_VCPU, id));
		}
	}
	if (steps > 2 && !one_in(f, 16))
		make_gic(vm, one_in(f, 2));
	if (steps > 3) {
		for (i = 0; i < nr_vcpus; i++) {
			if (!one_in(f, 64))
				init_vcpu(f, vm, i, sve);
		}
	}
	if (steps > 4 && !one_in(f, 16))
		populate(vm, (1 + below(f, 16)) * max_t(u64, fuzz.page, SZ_8K));
	if (steps > 5 && !one_in(f, 16))
		init_gic(vm);
	if (steps > 6) {
		for (f->index = 0; f->index < nr_vcpus; f->index++)
			run_vcpu(f, vm, vm->files[FILE_VCPU + f->index].fd);
	}
	return 0;
}

/* What is none of KVM's, and what is, but has been forgotten in the table. */
static int random_ioctl(struct fuzzer *f, struct fuzz_vm *vm, int fd)
{
	/* These make files, block for ever, or have to be bounded. */
	static const u8 not[] = {
		_IOC_NR(KVM_CREATE_VM), _IOC_NR(KVM_CREATE_VCPU), _IOC_NR(KVM_RUN),
		_IOC_NR(KVM_SET_SIGNAL_MASK), _IOC_NR(KVM_GET_STATS_FD),
		_IOC_NR(KVM_SET_MEMORY_ATTRIBUTES), _IOC_NR(KVM_CREATE_GUEST_MEMFD),
		_IOC_NR(KVM_CREATE_DEVICE),
	};
	u8 nr = rnd(f);

	for (int i = 0; i < ARRAY_SIZE(not); i++) {
		if (nr == not[i])
			return 0;
	}
	ioctl(fd, _IOC(below(f, 4), one_in(f, 16) ? below(f, 256) : KVMIO, nr,
		       one_in(f, 4) ? below(f, 512) : 8 * below(f, 16)),
	      one_in(f, 4) ? any_u64(f) : (unsigned long)put(f, NULL, SZ_4K));
	return 0;
}

/* An ioctl of one kind of file on a file of another. */
static int wrong_file(struct fuzzer *f, struct fuzz_vm *vm, int fd);

static int change_gmem(struct fuzzer *f, struct fuzz_vm *vm, int fd)
{
	u64 offset = one_in(f, 8) ? any_u64(f) : below(f, RAM_SIZE / fuzz.page) * fuzz.page;
	u64 size = any_size(f);

	if (one_in(f, 8))
		return ftruncate(fd, size);
	if (one_in(f, 4))
		return fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, min_t(u64, size, SZ_1M));
	return fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, size);
}

static int map_gmem(struct fuzzer *f, struct fuzz_vm *vm, int fd)
{
	void *p = mmap(NULL, SZ_64K, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -1;
	return munmap(p, SZ_64K);
}

/* The memory that memslots share with the guest */
static int change_memory(struct fuzzer *f, struct fuzz_vm *vm, int fd)
{
	static const int advice[] = {
		MADV_DONTNEED, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_HUGEPAGE,
		MADV_NOHUGEPAGE, MADV_PAGEOUT, MADV_COLD,
	};
	static const int prot[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE };
	void *p = vm->mem + below(f, RAM_SIZE / fuzz.page) * fuzz.page;
	u64 size = (1 + below(f, 64)) * fuzz.page;

	switch (below(f, 4)) {
	case 0:
		mprotect(p, size, PICK(f, prot));
		break;
	case 1:
		mmap(p, size, PROT_READ | PROT_WRITE,
		     MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		break;
	case 2:
		mremap(p, size, size, MREMAP_MAYMOVE | MREMAP_FIXED,
		       vm->mem + SZ_64M + below(f, 64) * SZ_2M);
		mmap(p, size, PROT_READ | PROT_WRITE,
		     MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		break;
	default:
		madvise(p, size, PICK(f, advice));
	}
	return 0;
}

static int ring_eventfd(struct fuzzer *f, struct fuzz_vm *vm, int fd)
{
	eventfd_t value = 1;

	if (one_in(f, 2))
		return eventfd_write(fd, value);
	return eventfd_read(fd, &value);
}

#define ROW(_name, _on, _arg, ...)					\
	{								\
		.name = #_name,						\
		.on = _on,						\
		.request = KVM_ ## _name,				\
		.arg = _arg,						\
		__VA_ARGS__						\
	}

#define ERRNOS(...)	.errnos = { __VA_ARGS__ }
#define ORDINARY(...)	.ordinary = { __VA_ARGS__ }

/*
 * Documentation/virt/kvm/api.rst and devices/ say which errors there are, and where
 * they do not, the code has been looked at.
 */
static const struct fuzz_call calls[] = {
	ROW(GET_API_VERSION, ON_KVM, arg_0, ERRNOS(EINVAL)),
	ROW(CREATE_VM, ON_KVM, arg_vm_type, .weight = 1, .done = close_fd, ERRNOS(EINVAL)),
	{ "CHECK_EXTENSION (system)", ON_KVM, 0, KVM_CHECK_EXTENSION, arg_cap_number,
	  ERRNOS(EINVAL) },
	ROW(GET_VCPU_MMAP_SIZE, ON_KVM, arg_0, ERRNOS(EINVAL)),

	ROW(CHECK_EXTENSION, ON_VM, arg_cap_number),
	ROW(CREATE_VCPU, ON_VM, arg_vcpu_id, .done = keep_vcpu,
	    ERRNOS(EINVAL, EEXIST, EBUSY)),
	ROW(ENABLE_CAP, ON_VM, arg_enable_cap, ERRNOS(EINVAL, EBUSY), ORDINARY(E2BIG)),
	ROW(SET_USER_MEMORY_REGION, ON_VM, arg_region,
	    ERRNOS(EINVAL, EEXIST, EFAULT)),
	ROW(SET_USER_MEMORY_REGION2, ON_VM, arg_region2, .weight = 16,
	    ERRNOS(EINVAL, EEXIST, EFAULT, EBADF)),
	ROW(GET_DIRTY_LOG, ON_VM, arg_dirty_log, ERRNOS(EINVAL, ENOENT, ENXIO)),
	ROW(CLEAR_DIRTY_LOG, ON_VM, arg_clear_dirty_log, ERRNOS(EINVAL, ENOENT, ENXIO)),
	ROW(REGISTER_COALESCED_MMIO, ON_VM, arg_coalesced, ERRNOS(EINVAL, ENOSPC)),
	ROW(UNREGISTER_COALESCED_MMIO, ON_VM, arg_coalesced, ERRNOS(EINVAL)),
	ROW(IRQFD, ON_VM, arg_irqfd, ERRNOS(EINVAL, EBADF, EBUSY, EAGAIN, ENOENT)),
	ROW(IOEVENTFD, ON_VM, arg_ioeventfd,
	    ERRNOS(EINVAL, EBADF, EEXIST, ENOENT, ENOSPC)),
	ROW(SIGNAL_MSI, ON_VM, arg_msi, ERRNOS(EINVAL, ENODEV, EBUSY)),
	ROW(IRQ_LINE, ON_VM, arg_irq_line, .weight = 16, ERRNOS(EINVAL, ENXIO, EBUSY)),
	ROW(IRQ_LINE_STATUS, ON_VM, arg_irq_line, ERRNOS(EINVAL, ENXIO, EBUSY)),
	ROW(SET_GSI_ROUTING, ON_VM, arg_gsi_routing, ERRNOS(EINVAL)),
	ROW(SET_MEMORY_ATTRIBUTES, ON_VM, arg_attributes, .weight = 24, ERRNOS(EINVAL)),
	ROW(CREATE_DEVICE, ON_VM, arg_create_device, .done = keep_device,
	    ERRNOS(EINVAL, ENODEV, EEXIST, EBUSY)),
	ROW(RESET_DIRTY_RINGS, ON_VM, arg_0, ERRNOS(EINVAL)),
	{ "GET_STATS_FD (VM)", ON_VM, 0, KVM_GET_STATS_FD, NULL, .done = close_fd },
	ROW(CREATE_GUEST_MEMFD, ON_VM, arg_create_gmem, .done = keep_gmem, ERRNOS(EINVAL)),
	ROW(CREATE_IRQCHIP, ON_VM, NULL, .weight = 1, ERRNOS(EINVAL, EEXIST, EBUSY, ENODEV)),
	ROW(ARM_SET_DEVICE_ADDR, ON_VM, arg_device_addr,
	    ERRNOS(EINVAL, ENODEV, EEXIST, E2BIG, ENXIO)),
	ROW(ARM_PREFERRED_TARGET, ON_VM, arg_page, ERRNOS(EINVAL, ENODEV)),
	ROW(ARM_MTE_COPY_TAGS, ON_VM, arg_copy_tags, ERRNOS(EINVAL, EFAULT)),
	ROW(ARM_SET_COUNTER_OFFSET, ON_VM, arg_counter_offset, ERRNOS(EINVAL, EBUSY)),
	ROW(ARM_GET_REG_WRITABLE_MASKS, ON_VM, arg_writable_masks, ERRNOS(EINVAL)),
	{ "HAS_DEVICE_ATTR (VM)", ON_VM, 0, KVM_HAS_DEVICE_ATTR, arg_vm_attr,
	  ERRNOS(EINVAL, ENXIO) },
	{ "SET_DEVICE_ATTR (VM)", ON_VM, 0, KVM_SET_DEVICE_ATTR, arg_vm_attr,
	  ERRNOS(EINVAL, ENXIO, EEXIST, EBUSY) },
	ROW(ARM_RMI_POPULATE, ON_VM, arg_populate, .weight = 16,
	    ERRNOS(EINVAL, EFAULT, EPERM, EEXIST, EBUSY)),

	{ "RUN", ON_VCPU, 64, .fn = run_vcpu,
	  ERRNOS(EINTR, EFAULT, EINVAL, ENOEXEC, EPERM, EBUSY, ENXIO), ORDINARY(ENOSYS) },
	ROW(ARM_VCPU_INIT, ON_VCPU, arg_vcpu_init, .weight = 16,
	    ERRNOS(EINVAL, ENOENT, EPERM, EBUSY)),
	ROW(ARM_VCPU_FINALIZE, ON_VCPU, arg_finalize, ERRNOS(EINVAL, EPERM, ENOEXEC)),
	ROW(SET_ONE_REG, ON_VCPU, arg_reg, .weight = 32,
	    ERRNOS(EINVAL, ENOENT, EPERM, EBUSY, ENOEXEC)),
	ROW(GET_ONE_REG, ON_VCPU, arg_reg, .weight = 32,
	    ERRNOS(EINVAL, ENOENT, EPERM, ENOEXEC, EBUSY)),
	ROW(GET_REG_LIST, ON_VCPU, arg_reg_list, ERRNOS(E2BIG, EPERM, ENOEXEC)),
	ROW(GET_VCPU_EVENTS, ON_VCPU, arg_page, ERRNOS(EINVAL, ENOEXEC)),
	ROW(SET_VCPU_EVENTS, ON_VCPU, arg_events, .weight = 16, ERRNOS(EINVAL, ENOEXEC)),
	ROW(GET_MP_STATE, ON_VCPU, arg_page, ERRNOS(EINVAL)),
	ROW(SET_MP_STATE, ON_VCPU, arg_mp_state, ERRNOS(EINVAL, EPERM)),
	ROW(SET_GUEST_DEBUG, ON_VCPU, arg_guest_debug, ERRNOS(EINVAL)),
	ROW(SET_SIGNAL_MASK, ON_VCPU, arg_sigmask, ERRNOS(EINVAL)),
	ROW(TRANSLATE, ON_VCPU, arg_translate, ERRNOS(EINVAL)),
	ROW(PRE_FAULT_MEMORY, ON_VCPU, arg_pre_fault, ERRNOS(EINVAL)),
	ROW(GET_REGS, ON_VCPU, arg_page, ERRNOS(EINVAL)),
	ROW(SET_REGS, ON_VCPU, arg_page, ERRNOS(EINVAL)),
	ROW(GET_SREGS, ON_VCPU, arg_page, ERRNOS(EINVAL)),
	ROW(SET_SREGS, ON_VCPU, arg_page, ERRNOS(EINVAL)),
	ROW(GET_FPU, ON_VCPU, arg_page, ERRNOS(EINVAL)),
	ROW(SET_FPU, ON_VCPU, arg_page, ERRNOS(EINVAL)),
	{ "ENABLE_CAP (vCPU)", ON_VCPU, 0, KVM_ENABLE_CAP, arg_enable_cap, ERRNOS(EINVAL) },
	{ "GET_STATS_FD (vCPU)", ON_VCPU, 0, KVM_GET_STATS_FD, NULL, .done = close_fd },
	{ "HAS_DEVICE_ATTR (vCPU)", ON_VCPU, 0, KVM_HAS_DEVICE_ATTR, arg_vcpu_attr,
	  ERRNOS(ENXIO) },
	{ "GET_DEVICE_ATTR (vCPU)", ON_VCPU, 0, KVM_GET_DEVICE_ATTR, arg_vcpu_attr,
	  ERRNOS(EINVAL, ENXIO, ENODEV) },
	{ "SET_DEVICE_ATTR (vCPU)", ON_VCPU, 0, KVM_SET_DEVICE_ATTR, arg_vcpu_attr,
	  ERRNOS(EINVAL, ENXIO, EEXIST, EBUSY, ENODEV, EPERM) },

	{ "HAS_DEVICE_ATTR (GIC)", ON_GIC, 0, KVM_HAS_DEVICE_ATTR, arg_gic_attr,
	  ERRNOS(EINVAL, ENXIO) },
	{ "GET_DEVICE_ATTR (GIC)", ON_GIC, 24, KVM_GET_DEVICE_ATTR, arg_gic_attr,
	  ERRNOS(EINVAL, ENXIO, EBUSY, ENODEV, ENOENT) },
	{ "SET_DEVICE_ATTR (GIC)", ON_GIC, 24, KVM_SET_DEVICE_ATTR, arg_gic_attr,
	  ERRNOS(EINVAL, ENXIO, EBUSY, ENODEV, EEXIST, E2BIG, ENOENT, EFAULT) },
	{ "HAS_DEVICE_ATTR (ITS)", ON_ITS, 0, KVM_HAS_DEVICE_ATTR, arg_gic_attr,
	  ERRNOS(EINVAL, ENXIO) },
	{ "GET_DEVICE_ATTR (ITS)", ON_ITS, 0, KVM_GET_DEVICE_ATTR, arg_gic_attr,
	  ERRNOS(EINVAL, ENXIO, EBUSY, ENODEV) },
	{ "SET_DEVICE_ATTR (ITS)", ON_ITS, 24, KVM_SET_DEVICE_ATTR, arg_gic_attr,
	  ERRNOS(EINVAL, ENXIO, EBUSY, ENODEV, EEXIST, E2BIG, EFAULT) },

	{ "fallocate() of guest_memfd", ON_GMEM, 16, .fn = change_gmem,
	  ERRNOS(EINVAL, EFBIG, ENOSPC) },
	{ "mmap() of guest_memfd", ON_GMEM, .fn = map_gmem, ERRNOS(ENODEV) },
	{ "change of memory", ON_MEMORY, 24, .fn = change_memory },
	{ "eventfd", ON_EVENT, 24, .fn = ring_eventfd, ERRNOS(EAGAIN) },
	{ "random ioctl", ON_VM, .fn = random_ioctl },
	{ "random ioctl (vCPU)", ON_VCPU, .fn = random_ioctl },
	{ "random ioctl (GIC)", ON_GIC, .fn = random_ioctl },
	{ "wrong file", ON_MEMORY, .fn = wrong_file },
	{ "close()", ON_MEMORY, 4, .fn = close_file },
	{ "a new VM", ON_MEMORY, 3, .fn = new_vm },
};

static_assert(ARRAY_SIZE(calls) <= MAX_CALLS);

static int weight_of(const struct fuzz_call *call)
{
	return call->weight ?: NORMAL_WEIGHT;
}

static const struct fuzz_call *pick_call(struct fuzzer *f)
{
	static int total;
	int sum = 0, n, i;

	if (!total) {
		for (i = 0; i < ARRAY_SIZE(calls); i++)
			sum += weight_of(&calls[i]);
		total = sum;
	}

	n = below(f, total);
	for (i = 0; n >= weight_of(&calls[i]); i++)
		n -= weight_of(&calls[i]);
	return &calls[i];
}

static int wrong_file(struct fuzzer *f, struct fuzz_vm *vm, int fd)
{
	const struct fuzz_call *call = pick_call(f);

	if (call->fn || call->done)
		return 0;
	ioctl(vm->files[below(f, NR_FILES)].fd, call->request,
	      call->arg ? call->arg(f, vm) : 0);
	return 0;
}

/* Of a VM that is beyond repair every ioctl fails so, also one there is not. */
static bool vm_is_dead(int fd)
{
	return ioctl(fd, _IO(KVMIO, 0xff)) < 0 && errno == EIO;
}

static bool errno_is_legal(struct fuzzer *f, const struct fuzz_call *call, int fd, int err)
{
	if (err == ENOMEM || (err == EFAULT && (f->bad_pointer || f->bad_data)) ||
	    (err == EIO && vm_is_dead(fd)))
		return true;

	for (int i = 0; i < ARRAY_SIZE(call->errnos); i++) {
		if (call->errnos[i] == err ||
		    (call->ordinary[i] == err && fuzz.kind == VM_ORDINARY))
			return true;
	}
	return false;
}

static u64 now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000UL + time.tv_nsec;
}

static void complain(struct fuzzer *f, u32 n, const struct fuzz_call *call,
		     unsigned long arg, int err)
{
	u64 words[6] = {};

	if (atomic_fetch_add(&fuzz.report->illegal, 1) >= 20)
		return;
	if (!f->bad_pointer && arg >= (u64)f->buf && arg < (u64)f->buf + BUF_SIZE)
		memcpy(words, (void *)arg, min_t(size_t, sizeof(words),
						 (u64)f->buf + BUF_SIZE - arg));
	ksft_print_msg("thread %d call %u: %s(0x%lx): %s; argument %lx %lx %lx %lx %lx %lx\n",
		       f->id, n, call->name, arg, strerror(err), words[0], words[1],
		       words[2], words[3], words[4], words[5]);
}

/* What a call is to be issued on. One that is there, if that is easy. */
static struct file *pick_file(struct fuzzer *f, enum file_kind kind, struct fuzz_vm **vm)
{
	struct file *file = NULL;

	*vm = &fuzz.vms[below(f, NR_VMS)];
	if (!files_of[kind].nr)
		return NULL;

	for (int i = 0; i < 8; i++) {
		*vm = &fuzz.vms[below(f, NR_VMS)];
		f->index = below(f, files_of[kind].nr);
		file = &(*vm)->files[files_of[kind].first + f->index];
		if (atomic_load(&file->fd) >= 0)
			break;
	}
	return file;
}

static void fuzz_once(struct fuzzer *f, u32 n)
{
	struct report *report = fuzz.report;
	const struct fuzz_call *call;
	unsigned int changes = 0;
	struct file *file;
	unsigned long arg = 0;
	struct fuzz_vm *vm;
	int fd = -1, ret, err;
	bool legal;

	f->rng = fuzz.seed * 0x100000001b3UL ^ (u64)f->id << 56 ^ (u64)n << 8;
	f->bad_pointer = false;
	f->bad_data = false;
	call = pick_call(f);
	file = pick_file(f, call->on, &vm);
	if (file) {
		changes = atomic_load(&file->changes);
		fd = atomic_load(&file->fd);
	} else if (call->on == ON_KVM) {
		fd = fuzz.kvm_fd;
	}
	if (call->arg)
		arg = call->arg(f, vm);
	if (fuzz.verbose)
		ksft_print_msg("thread %d call %u: %s(%d, 0x%lx)\n", f->id, n, call->name, fd, arg);

	report->now[f->id].call = call - calls;
	report->now[f->id].since = now_ns();
	errno = 0;
	ret = call->fn ? call->fn(f, vm, fd) : ioctl(fd, call->request, arg);
	err = errno;
	report->now[f->id].since = 0;

	if (ret >= 0) {
		report->success[call - calls]++;
		if (call->done)
			call->done(f, vm, arg, ret);
		return;
	}

	report->failure[call - calls][min(err, MAX_ERRNO - 1)]++;
	legal = errno_is_legal(f, call, fd, err) || (err == EBADF && fd < 0);
	/* A file that another thread has closed could be anything. */
	if (!legal && (!file || changes == atomic_load(&file->changes)))
		complain(f, n, call, arg, err);

	/* There is not much to be had of a VM that does not run. */
	if ((err == EIO || (call->fn == run_vcpu && err != EINTR && err != EFAULT)) &&
	    one_in(f, 8))
		new_vm(f, vm, -1);
}

static void *fuzz_thread(void *arg)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGUSR1,
	};
	struct fuzzer *f = arg;
	u32 n;

	event._sigev_un._tid = syscall(SYS_gettid);
	TEST_ASSERT(!timer_create(CLOCK_MONOTONIC, &event, &f->timer), "timer_create()");
	f->buf = mmap(NULL, BUF_SIZE + SZ_64K, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	TEST_ASSERT(f->buf != MAP_FAILED && !mprotect(f->buf, BUF_SIZE, PROT_READ | PROT_WRITE),
		    "mmap() of a buffer");

	f->rng = fuzz.seed ^ f->id;
	for (n = f->id; n < NR_VMS; n += fuzz.threads)
		new_vm(f, &fuzz.vms[n], -1);

	for (n = f->id; n < fuzz.calls; n += fuzz.threads)
		fuzz_once(f, n);
	return NULL;
}

static void init_vm(struct fuzz_vm *vm)
{
	for (int i = 0; i < NR_FILES; i++)
		vm->files[i].fd = -1;

	for (int i = 0; i < MAX_VCPUS; i++) {
		vm->run[i] = mmap(NULL, 16 * fuzz.page, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		TEST_ASSERT(vm->run[i] != MAP_FAILED, "mmap() for kvm_run");
	}
	vm->mem = mmap(NULL, RESERVED_SIZE, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	TEST_ASSERT(vm->mem != MAP_FAILED, "mmap() for memslots");
	vm->mem = align_ptr_up(vm->mem, SZ_2M);
	TEST_ASSERT(!mprotect(vm->mem, RAM_SIZE, PROT_READ | PROT_WRITE), "mprotect()");
}

/* In a process of its own: all it has goes away with it. */
static void fuzz_all(void)
{
	struct sigaction action = { .sa_handler = on_kick };
	struct fuzzer *f;
	int i;

	sigaction(SIGUSR1, &action, NULL);
	fuzz.kvm_fd = open_kvm_dev_path_or_exit();
	fuzz.run_size = ioctl(fuzz.kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	TEST_ASSERT(fuzz.run_size <= 16 * fuzz.page, "kvm_run of 0x%lx bytes", fuzz.run_size);
	for (i = 0; i < NR_VMS; i++)
		init_vm(&fuzz.vms[i]);

	for (i = 0; i < fuzz.threads; i++) {
		f = &fuzz.fuzzers[i];
		f->id = i;
		TEST_ASSERT(!pthread_create(&f->thread, NULL, fuzz_thread, f), "pthread_create()");
	}
	for (i = 0; i < fuzz.threads; i++)
		pthread_join(fuzz.fuzzers[i].thread, NULL);
}

/*
 * The parent
 */

static int stuck_call(void)
{
	for (int i = 0; i < fuzz.threads; i++) {
		u64 since = fuzz.report->now[i].since;

		if (since && now_ns() > since + STUCK_SECONDS * 1000000000UL)
			return fuzz.report->now[i].call;
	}
	return -1;
}

/* Returns false if the child gets stuck, or is killed by what it did. */
static bool wait_for(pid_t pid)
{
	int status, call;
	pid_t ret;

	do {
		usleep(100000);
		ret = waitpid(pid, &status, WNOHANG);
		call = stuck_call();
	} while (!ret && call < 0);

	if (!ret) {
		ksft_print_msg("%s does not return\n", calls[call].name);
		kill(pid, SIGKILL);
		for (int i = 0; i < STUCK_SECONDS && !waitpid(pid, &status, WNOHANG); i++)
			sleep(1);
		return false;
	}
	if (ret == pid && WIFEXITED(status) && !WEXITSTATUS(status))
		return true;

	ksft_print_msg("The process ended with status 0x%x\n", status);
	return false;
}

static bool run_in_child(void (*fn)(void))
{
	pid_t pid;

	memset(fuzz.report, 0, sizeof(*fuzz.report));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		fn();
		exit(0);
	}
	return pid > 0 && wait_for(pid);
}

/* A VM that does what VMs are for. */
static void use_vm(void)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	u64 data;

	vm = vm_create_agents(fuzz.kind, 1, &vcpu);
	virt_map(vm, DEVICE_GPA, DEVICE_GPA, 1);
	vm_launch(vm);

	for (u64 i = 0; i < 64; i++) {
		const u64 value = 0x0123456789abcdefUL * (i + 1);

		agent_set_store(vcpu, DEVICE_GPA + 8 * i, 8, value);
		TEST_ASSERT(!agent_run(vcpu), "A store without an exit");
		TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_MMIO);
		memcpy(&data, vcpu->run->mmio.data, sizeof(data));
		TEST_ASSERT_EQ(data, value);
		TEST_ASSERT(agent_run(vcpu), "A second exit");
	}
	kvm_vm_free(vm);
}

static long free_memory(void)
{
	char line[128];
	long kb = 0;
	FILE *file;
	int fd;

	fd = open("/proc/sys/vm/drop_caches", O_WRONLY);
	if (fd >= 0) {
		if (write(fd, "3", 1) != 1)
			ksft_print_msg("Caches are not dropped\n");
		close(fd);
	}

	file = fopen("/proc/meminfo", "r");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "MemFree: %ld kB", &kb) == 1)
			break;
	}
	if (file)
		fclose(file);
	return kb * 1024;
}

static long read_number(const char *path)
{
	long number = -1;
	FILE *file;

	file = fopen(path, "r");
	if (!file)
		return -1;
	if (fscanf(file, "%ld", &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

/*
 * @free: bytes of memory
 * @held: granules the RMM holds, as it says itself
 * @delegated, @leaked: granules, as the host kernel knows it
 * All are -1 where that is not to be known.
 */
struct memory {
	long free;
	long held;
	long delegated;
	long leaked;
};

static struct memory look_at_memory(void)
{
	const char *reason;

	return (struct memory) {
		.free = free_memory(),
		.held = rmm_delegated_granules(&reason),
		.delegated = read_number("/sys/kernel/debug/rmi/delegated_granules"),
		.leaked = read_number("/sys/kernel/debug/rmi/leaked_granules"),
	};
}

/* What is freed after a grace period, or by a worker, takes a moment. */
static bool memory_is_back(const struct memory *before)
{
	struct memory now;
	bool back;

	for (int i = 0; i < 20; i++) {
		now = look_at_memory();
		back = now.free >= before->free - MEMORY_SLACK && now.held == before->held &&
		       now.delegated == before->delegated && now.leaked == before->leaked;
		if (back)
			break;
		usleep(500000);
	}
	ksft_print_msg("%ld KiB less memory\n", (before->free - now.free) / 1024);
	ksft_print_msg("granules: RMM has %ld (%+ld), delegated %ld (%+ld), leaked %ld (%+ld)\n",
		       now.held, now.held - before->held,
		       now.delegated, now.delegated - before->delegated,
		       now.leaked, now.leaked - before->leaked);
	return back;
}

/* What the kernel has said since @fd was opened, of that what is no good sign. */
static bool kernel_complained(int fd)
{
	static const char * const signs[] = {
		"WARNING: ", "BUG: ", "cut here", "RMI_", "realm: ", "possible",
	};
	char line[2048];
	bool found = false;
	ssize_t len;

	while ((len = read(fd, line, sizeof(line) - 1)) > 0 || (len < 0 && errno == EPIPE)) {
		line[max_t(ssize_t, len, 0)] = '\0';
		for (int i = 0; i < ARRAY_SIZE(signs); i++) {
			/* Not what programs write to it, that is of another facility. */
			if (atoi(line) < 8 && strstr(line, signs[i])) {
				ksft_print_msg("kernel log: %s", line);
				found = true;
				break;
			}
		}
	}
	return found;
}

static u32 print_report(void)
{
	const struct report *report = fuzz.report;
	u32 all = 0;

	ksft_print_msg("%-28s %7s %7s  errors\n", "call", "calls", "ok");
	for (int i = 0; i < ARRAY_SIZE(calls); i++) {
		u32 total = report->success[i];
		char errors[512] = "";
		int len = 0;

		for (int err = 1; err < MAX_ERRNO; err++) {
			u32 nr = report->failure[i][err];

			total += nr;
			if (nr && len < sizeof(errors))
				len += snprintf(errors + len, sizeof(errors) - len, " %s:%u",
						strerrorname_np(err) ?: "?", nr);
		}
		all += total;
		ksft_print_msg("%-28s %7u %7u %s\n", calls[i].name, total,
			       report->success[i], errors);
	}
	for (int i = 0; i < MAX_EXITS; i++) {
		if (report->exits[i])
			ksft_print_msg("KVM_RUN: %s: %u\n", exit_reason_str(i), report->exits[i]);
	}
	ksft_print_msg("%u calls by %u threads, seed %lu\n", all, fuzz.threads, fuzz.seed);
	return all;
}

/* Errors only would prove nothing: this is what a run must have got to. */
static bool got_somewhere(void)
{
	const struct report *report = fuzz.report;
	bool ok = true;

	if (fuzz.calls < 10000)
		return true;

	for (int i = 0; i < ARRAY_SIZE(calls); i++) {
		u32 total = report->success[i];

		for (int err = 1; err < MAX_ERRNO; err++)
			total += report->failure[i][err];
		if (!total) {
			ksft_print_msg("%s was never called\n", calls[i].name);
			ok = false;
		}
	}
	if (!report->exits[KVM_EXIT_MMIO] ||
	    (fuzz.kind == VM_REALM && !report->exits[KVM_EXIT_MEMORY_FAULT])) {
		ksft_print_msg("No VM got to run\n");
		ok = false;
	}
	return ok;
}

static void fuzz_kind(enum vm_kind kind)
{
	const char *reason = NULL;
	struct memory before;
	u32 calls_wanted = fuzz.calls;
	int log_fd;
	u64 start;
	bool ok;

	fuzz.kind = kind;
	if (kind == VM_REALM && !kvm_supports_realms(&reason)) {
		ksft_test_result_skip("%s: %s\n", vm_kind_name[kind], reason);
		return;
	}

	log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (log_fd >= 0)
		lseek(log_fd, 0, SEEK_END);

	/* What is allocated once, is allocated now. */
	fuzz.calls = min(calls_wanted, 1000U);
	ok = run_in_child(use_vm) && run_in_child(fuzz_all);
	fuzz.calls = calls_wanted;
	before = look_at_memory();

	start = now_ns();
	ok = ok && run_in_child(fuzz_all);
	print_report();
	ksft_print_msg("%s: %lu s\n", vm_kind_name[kind], (now_ns() - start) / 1000000000);
	ok = !fuzz.report->illegal && ok;
	ok = got_somewhere() && ok;
	ok = memory_is_back(&before) && ok;
	ok = run_in_child(use_vm) && ok;
	if (log_fd >= 0) {
		ok = !kernel_complained(log_fd) && ok;
		close(log_fd);
	}
	ksft_test_result(ok, "%s\n", vm_kind_name[kind]);
}

int main(int argc, char *argv[])
{
	int only = -1, opt;

	fuzz.calls = DEFAULT_CALLS;
	fuzz.threads = DEFAULT_THREADS;
	fuzz.seed = DEFAULT_SEED;
	fuzz.page = getpagesize();

	while ((opt = getopt(argc, argv, "s:rn:t:k:v")) >= 0) {
		switch (opt) {
		case 's':
			fuzz.seed = strtoul(optarg, NULL, 0);
			break;
		case 'r':
			fuzz.seed = now_ns() ^ getpid();
			break;
		case 'n':
			fuzz.calls = atoi_positive("Calls", optarg);
			break;
		case 't':
			fuzz.threads = min(atoi_positive("Threads", optarg), (u32)MAX_THREADS);
			break;
		case 'k':
			only = !strcmp(optarg, vm_kind_name[VM_REALM]) ? VM_REALM : VM_ORDINARY;
			break;
		case 'v':
			fuzz.verbose = true;
			break;
		default:
			printf("usage: %s [-s SEED|-r] [-n CALLS] [-t THREADS] [-k KIND] [-v]\n",
			       argv[0]);
			return KSFT_FAIL;
		}
	}

	fuzz.report = mmap(NULL, sizeof(*fuzz.report), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	TEST_ASSERT(fuzz.report != MAP_FAILED, "mmap() of the report");

	ksft_print_header();
	ksft_set_plan(only < 0 ? NR_VM_KINDS : 1);
	ksft_print_msg("seed %lu, to be repeated with -s\n", fuzz.seed);
	for (int kind = 0; kind < NR_VM_KINDS; kind++) {
		if (only < 0 || only == kind)
			fuzz_kind(kind);
	}
	realm_test_finished();
}
