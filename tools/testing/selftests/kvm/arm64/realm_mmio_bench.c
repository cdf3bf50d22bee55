// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_mmio_bench - What a round trip to an emulated device takes
 *
 * One access at a time to each kind of device, from an ordinary VM and from a
 * realm: one in the VMM, for a load and for a store, an ioeventfd, a coalesced
 * MMIO zone, and a register of the GIC in the kernel. Prints the least and the
 * mean number of ticks of the guest's counter; fails only if an access did not
 * end where it should have.
 *
 * A simulator that counts instructions knows each round trip by the hint before
 * and the one after it, both of which are NOPs on any CPU: see MARK_BEGIN.
 */
#include <getopt.h>
#include <linux/bitfield.h>
#include <linux/sizes.h>
#include <sys/eventfd.h>

#include "arch_timer.h"
#include "processor.h"
#include "realm.h"
#include "test_util.h"
#include "vgic.h"

#include "gic.h"
#include "gic_v3.h"

#define DEVICE_GPA	0x0a000000UL
#define DEVICE_GVA	DEVICE_GPA

#define EVENTFD_OFFSET	0x100
#define RING_OFFSET	0x200

#define DEFAULT_ROUNDS	20
/* As many as there is room for in the ring of a 4K page. */
#define MAX_ROUNDS	150

#define ROUND_VALUE(_round)	(0xc3a50000U + (_round))

enum {
	OP_USER_READ,
	OP_USER_WRITE,
	OP_EVENTFD_WRITE,
	OP_RING_WRITE,
	OP_GIC_READ,
	NR_OPS,
};

static const struct {
	const char *name;
	gva_t gva;
	bool is_write;
	bool in_kernel;
} ops[NR_OPS] = {
	[OP_USER_READ]		= { "userspace read", DEVICE_GVA, false, false },
	[OP_USER_WRITE]		= { "userspace write", DEVICE_GVA, true, false },
	[OP_EVENTFD_WRITE]	= { "ioeventfd write", DEVICE_GVA + EVENTFD_OFFSET, true, true },
	[OP_RING_WRITE]		= { "coalesced write", DEVICE_GVA + RING_OFFSET, true, true },
	[OP_GIC_READ]		= { "GIC register read", GICD_BASE_GPA + GICD_TYPER, false, true },
};

/* In shared memory. */
struct bench_area {
	u32 value[NR_OPS][MAX_ROUNDS];	/* loaded */
	u64 ticks[NR_OPS][MAX_ROUNDS];
	u64 freq;
};

static struct bench_area *guest_area;
static u32 rounds = DEFAULT_ROUNDS;

/* Between the hints is nothing but the access. X0 says what it is. */
#define MARK_BEGIN	"hint	#0x71\n"
#define MARK_END	"hint	#0x72\n"
#define MARK_LABEL(_realm, _op)	((_realm) << 8 | (_op))

static u32 guest_load(u64 label, gva_t gva)
{
	register u64 x0 asm("x0") = label;
	u32 value;

	asm volatile(MARK_BEGIN
		     "ldr	%w0, [%1]\n"
		     MARK_END
		     : "=&r"(value) : "r"(gva), "r"(x0) : "memory");
	return value;
}

static void guest_store(u64 label, gva_t gva, u32 value)
{
	register u64 x0 asm("x0") = label;

	asm volatile(MARK_BEGIN
		     "str	%w0, [%1]\n"
		     MARK_END
		     : : "r"(value), "r"(gva), "r"(x0) : "memory");
}

static void guest_round(u32 op, u32 round)
{
	const u64 label = MARK_LABEL(guest_is_realm(), op);
	struct bench_area *area = guest_area;
	u64 start = timer_get_cntct(VIRTUAL);

	if (ops[op].is_write)
		guest_store(label, ops[op].gva, ROUND_VALUE(round));
	else
		area->value[op][round] = guest_load(label, ops[op].gva);

	area->ticks[op][round] = timer_get_cntct(VIRTUAL) - start;
}

static void guest_code(void)
{
	u32 op, round;

	guest_area->freq = timer_get_cntfrq();

	/* Like any operating system has it: running, and far from its end. */
	timer_set_cval(VIRTUAL, timer_get_cntct(VIRTUAL) + msec_to_cycles(3600000));
	timer_set_ctl(VIRTUAL, CTL_ENABLE);

	for (op = 0; op < NR_OPS; op++) {
		for (round = 0; round < rounds; round++)
			guest_round(op, round);
		GUEST_SYNC(op);
	}
	GUEST_DONE();
}

struct bench {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpu;
	struct bench_area *area;
	struct kvm_coalesced_mmio_ring *ring;
	int eventfd;
};

static void bench_create(struct bench *b, enum vm_kind kind)
{
	struct kvm_ioeventfd ioeventfd = {
		.addr = DEVICE_GPA + EVENTFD_OFFSET,
		.len = 4,
	};
	gva_t gva;
	int page;

	b->vm = vm_create_kind(kind, 1, guest_code, &b->vcpu);
	virt_map(b->vm, DEVICE_GVA, DEVICE_GPA, 1);

	gva = vm_alloc_shared(b->vm, sizeof(*b->area), KVM_UTIL_MIN_VADDR,
			      MEM_REGION_TEST_DATA);
	b->area = addr_gva2hva(b->vm, gva);
	memset(b->area, 0, sizeof(*b->area));
	write_guest_global(b->vm, guest_area, (struct bench_area *)gva);
	sync_global_to_guest(b->vm, rounds);

	b->eventfd = eventfd(0, EFD_NONBLOCK);
	TEST_ASSERT(b->eventfd >= 0, __KVM_SYSCALL_ERROR("eventfd()", b->eventfd));
	ioeventfd.fd = b->eventfd;
	vm_ioctl(b->vm, KVM_IOEVENTFD, &ioeventfd);

	page = vm_check_cap(b->vm, KVM_CAP_COALESCED_MMIO);
	TEST_ASSERT(page > 0, "KVM_CAP_COALESCED_MMIO: %d", page);
	b->ring = (void *)b->vcpu->run + page * getpagesize();
	kvm_vm_register_coalesced_io(b->vm, DEVICE_GPA + RING_OFFSET, 4, false);

	vm_launch(b->vm);
}

static void bench_destroy(struct bench *b)
{
	close(b->eventfd);
	kvm_vm_free(b->vm);
}

/*
 * The VMM: as little as there can be, since it is part of what is measured.
 * Returns the number of accesses it was asked for, 0 after one it did not expect.
 */
static u32 bench_run(struct bench *b, u32 op)
{
	struct kvm_run *run = b->vcpu->run;
	u32 nr, data;

	for (nr = 0; ; nr++) {
		if (ioctl(b->vcpu->fd, KVM_RUN, NULL) ||
		    run->exit_reason != KVM_EXIT_MMIO ||
		    run->mmio.phys_addr != DEVICE_GPA)
			return nr;

		data = ROUND_VALUE(nr);
		if (run->mmio.len != 4 || run->mmio.is_write != ops[op].is_write ||
		    (run->mmio.is_write && memcmp(run->mmio.data, &data, 4)))
			return 0;
		if (!run->mmio.is_write)
			memcpy(run->mmio.data, &data, 4);
	}
}

/* Were the accesses made where they should have been, all of them, and once? */
static bool loaded_ok(struct bench *b, u32 op)
{
	u32 round, gic;

	kvm_device_attr_get(b->vm->arch.gic_fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS,
			    GICD_TYPER, &gic);
	for (round = 0; round < rounds; round++) {
		if (b->area->value[op][round] !=
		    (op == OP_GIC_READ ? gic : ROUND_VALUE(round)))
			return false;
	}
	return true;
}

static bool ring_ok(struct bench *b)
{
	u32 round;

	if (b->ring->first != 0 || b->ring->last != rounds)
		return false;

	for (round = 0; round < rounds; round++) {
		const u32 value = ROUND_VALUE(round);

		if (memcmp(b->ring->coalesced_mmio[round].data, &value, sizeof(value)))
			return false;
	}
	return true;
}

static bool bench_ok(struct bench *b, u32 op, u32 exits)
{
	eventfd_t events = 0;

	if (exits != (ops[op].in_kernel ? 0 : rounds))
		return false;

	switch (op) {
	case OP_EVENTFD_WRITE:
		return !eventfd_read(b->eventfd, &events) && events == rounds;
	case OP_RING_WRITE:
		return ring_ok(b);
	case OP_USER_WRITE:
		return true;
	default:
		return loaded_ok(b, op);
	}
}

static void bench_report(struct bench *b, enum vm_kind kind, u32 op, bool ok)
{
	u64 least = ~0UL, sum = 0;
	u32 round;

	for (round = 0; round < rounds; round++) {
		least = min_t(u64, least, b->area->ticks[op][round]);
		sum += b->area->ticks[op][round];
	}
	ksft_print_msg("%s: %s: at least %lu ticks, mean %lu, of a counter of %lu kHz\n",
		       vm_kind_name[kind], ops[op].name, least, sum / rounds,
		       b->area->freq / 1000);
	ksft_test_result(ok, "%s: %s (%u accesses)\n", vm_kind_name[kind],
			 ops[op].name, rounds);
}

static void run_kind(enum vm_kind kind)
{
	struct bench b;
	struct ucall uc;
	u32 op, exits;

	bench_create(&b, kind);
	for (op = 0; op < NR_OPS; op++) {
		exits = bench_run(&b, op);
		if (get_ucall(b.vcpu, &uc) != UCALL_SYNC || uc.args[1] != op)
			TEST_FAIL("%s: exit %u (%s), ucall %lu", ops[op].name,
				  b.vcpu->run->exit_reason,
				  exit_reason_str(b.vcpu->run->exit_reason), uc.cmd);
		bench_report(&b, kind, op, bench_ok(&b, op, exits));
	}
	bench_destroy(&b);
}

static void help(const char *name)
{
	printf("usage: %s [-h] [-n ROUNDS]\n\n"
	       " -n: accesses of each kind (default: %u, at most %u)\n", name,
	       DEFAULT_ROUNDS, MAX_ROUNDS);
}

int main(int argc, char *argv[])
{
	const char *reason;
	int opt, kind, op;

	while ((opt = getopt(argc, argv, "hn:")) != -1) {
		switch (opt) {
		case 'n':
			rounds = atoi_positive("Number of rounds", optarg);
			if (rounds <= MAX_ROUNDS)
				break;
			fallthrough;
		case 'h':
		default:
			help(argv[0]);
			return opt == 'h' ? KSFT_PASS : KSFT_FAIL;
		}
	}

	ksft_print_header();
	ksft_set_plan(NR_VM_KINDS * NR_OPS);

	for (kind = 0; kind < NR_VM_KINDS; kind++) {
		if (kind == VM_REALM && !kvm_supports_realms(&reason)) {
			for (op = 0; op < NR_OPS; op++)
				ksft_test_result_skip("realm: %s\n", reason);
			continue;
		}
		run_kind(kind);
	}

	realm_test_finished();
}
