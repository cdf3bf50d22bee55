// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_mmio_abort - Accesses to devices that end in an external abort
 *
 * Either because the host cannot emulate the instruction, or because the VMM
 * says so with KVM_SET_VCPU_EVENTS. The realm takes a synchronous external
 * abort with the address it used, nothing of the instruction is done, and it
 * goes on. And accesses to protected memory that is not there, which the host
 * must not answer in that way.
 *
 * In an ordinary VM the VMM is told about instructions that cannot be emulated
 * (KVM_CAP_ARM_NISV_TO_USER) and injects the abort, so that the guest sees the
 * same: the control.
 *
 * Cases are named after the line of the contract they prove, see
 * Documentation/virt/kvm/arm/realm.rst.
 */
#include <linux/bitfield.h>
#include <linux/sizes.h>

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

#include "kvm_test_harness.h"
#include "processor.h"
#include "realm.h"
#include "test_util.h"
#include "userfaultfd_util.h"

#define DEVICE_GPA	0x0a000000UL
#define DEVICE_GVA	DEVICE_GPA
/* Where in the page the accesses go; aligned for all of them. */
#define DEVICE_OFFSET	0x140UL

#define MEMORY_SLOT	10
#define MEMORY_GPA	0x40000000UL
#define MEMORY_PAGES	4
#define PRIVATE_GVA	0x50000000UL
#define SHARED_GVA	0x60000000UL

/*
 * Instructions without a syndrome that would tell the host what to do. X1 is
 * the address; X2, X3, V0 and V1 are data; X4 and X5 may be overwritten.
 */
#define FOR_EACH_OPAQUE_INSN(X)					\
	X(h08_ldp_x,	"ldp x2, x3, [x1]")			\
	X(h08_ldp_w,	"ldp w2, w3, [x1]")			\
	X(h08_ldpsw,	"ldpsw x2, x3, [x1]")			\
	X(h08_ldnp,	"ldnp x2, x3, [x1]")			\
	X(h08_stp_x,	"stp x2, x3, [x1]")			\
	X(h08_stp_w,	"stp w2, w3, [x1]")			\
	X(h08_ldr_post,	"ldr x2, [x1], #8")			\
	X(h08_ldr_pre,	"ldr x2, [x1, #8]!")			\
	X(h08_ldrb_post,	"ldrb w2, [x1], #1")			\
	X(h08_str_post,	"str x2, [x1], #8")			\
	X(h08_str_pre,	"str w2, [x1, #-4]!")			\
	X(h08_stp_post,	"stp x2, x3, [x1], #16")		\
	X(h08_ldr_q,	"ldr q0, [x1]")				\
	X(h08_ldr_d,	"ldr d0, [x1]")				\
	X(h08_ldr_b,	"ldr b0, [x1]")				\
	X(h08_str_q,	"str q0, [x1]")				\
	X(h08_str_s,	"str s0, [x1]")				\
	X(h08_ldp_q,	"ldp q0, q1, [x1]")			\
	X(h08_ld1,	"ld1 {v0.16b}, [x1]")			\
	X(h08_st1,	"st1 {v0.4s}, [x1]")			\
	X(h08_ldxr,	"ldxr x2, [x1]")			\
	X(h08_ldaxr,	"ldaxr w2, [x1]")			\
	X(h08_ldxp,	"ldxp x2, x3, [x1]")			\
	X(h08_ldadd,	".arch_extension lse\nldadd x2, x3, [x1]") \
	X(h08_swpal,	".arch_extension lse\nswpal w2, w3, [x1]") \
	X(h08_cas,	".arch_extension lse\ncas x2, x3, [x1]") \
	X(h08_setp,	"mov x5, #16\n"				\
			".inst 0x19c304a1 /* setp [x1]!, x5!, x3 */")	\
	X(h08_cpyfp_from, "mov x4, %0\nmov x5, #16\n"			\
			".inst 0x190104a4 /* cpyfp [x4]!, [x1]!, x5! */") \
	X(h08_cpyfp_to,	"mov x4, %0\nmov x5, #16\n"			\
			".inst 0x190404a1 /* cpyfp [x1]!, [x4]!, x5! */") \
	X(h08_dc_zva,	"dc zva, x1")				\
	X(h09_ld64b,	".inst 0xf83fd028 /* ld64b x8, [x1] */") \
	X(h09_st64b,	".inst 0xf83f9028 /* st64b x8, [x1] */")

/*
 * What the guest saw of one instruction. Written by the guest, so per VM.
 */
static struct {
	u64 nr_seas;
	u64 esr;
	u64 far;
	u64 x[31];
} sea;

/* Take note of the abort, and go on behind the instruction. */
static void sea_handler(struct ex_regs *regs)
{
	sea.nr_seas++;
	sea.esr = read_sysreg(esr_el1);
	sea.far = read_sysreg(far_el1);
	memcpy(sea.x, regs->regs, sizeof(sea.x));
	regs->pc += 4;
}

static void guest_expect_sea(u64 nr, u64 ec, u64 far)
{
	GUEST_ASSERT_EQ(sea.nr_seas, nr);
	GUEST_ASSERT_EQ(ESR_ELx_EC(sea.esr), ec);
	GUEST_ASSERT_EQ(sea.esr & ESR_ELx_FSC, (u64)ESR_ELx_FSC_EXTABT);
	GUEST_ASSERT(!(sea.esr & ESR_ELx_FnV));
	GUEST_ASSERT_EQ(sea.far, far);
}

#define DATA(_n)	(0x1000000000000000UL * (_n) + 0x89abcdef)

/* X1-X15 around an instruction, in a frame the exception handler can be under. */
#define RUN_INSN(_insn)							\
	asm volatile(							\
	"	ldr	x1, [%0, #8]\n"					\
	"	ldp	x2, x3, [%0, #16]\n"				\
	"	ldp	x8, x9, [%0, #64]\n"				\
	"	ldp	x10, x11, [%0, #80]\n"				\
	"	ldp	x12, x13, [%0, #96]\n"				\
	"	ldp	x14, x15, [%0, #112]\n"				\
	"	ldr	q0, [%0, #128]\n"				\
	"	ldr	q1, [%0, #144]\n"				\
	_insn "\n"							\
	"	str	x1, [%0, #8]\n"					\
	"	stp	x2, x3, [%0, #16]\n"				\
	"	stp	x8, x9, [%0, #64]\n"				\
	"	stp	x10, x11, [%0, #80]\n"				\
	"	stp	x12, x13, [%0, #96]\n"				\
	"	stp	x14, x15, [%0, #112]\n"				\
	"	str	q0, [%0, #128]\n"				\
	"	str	q1, [%0, #144]\n"				\
	: : "r"(insn_regs)						\
	: "x1", "x2", "x3", "x4", "x5", "x8", "x9", "x10", "x11", "x12", "x13",	\
	  "x14", "x15", "v0", "v1", "memory")

static u64 insn_regs[20] __aligned(16);

/* What not every CPU has. */
enum needs {
	NEEDS_NOTHING,
	NEEDS_LS64,
	NEEDS_MOPS,
};

static bool guest_has(enum needs needs)
{
	switch (needs) {
	case NEEDS_LS64:
		return SYS_FIELD_GET(ID_AA64ISAR1_EL1, LS64, read_sysreg(id_aa64isar1_el1));
	case NEEDS_MOPS:
		return SYS_FIELD_GET(ID_AA64ISAR2_EL1, MOPS,
				     read_sysreg_s(SYS_ID_AA64ISAR2_EL1));
	default:
		return true;
	}
}

#define DEFINE_OPAQUE_INSN(_name, _insn)				\
static void insn_##_name(void)						\
{									\
	RUN_INSN(_insn);						\
}

FOR_EACH_OPAQUE_INSN(DEFINE_OPAQUE_INSN)

static u64 guest_run_insn(void (*run)(void), u64 addr)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(insn_regs); i++)
		insn_regs[i] = DATA(i);
	insn_regs[1] = addr;
	run();

	/* Nothing of it was done. */
	for (i = 0; i < ARRAY_SIZE(insn_regs); i++)
		GUEST_ASSERT_EQ(insn_regs[i], i == 1 ? addr : DATA(i));

	return sea.nr_seas;
}

/* The address an instruction reports differs from X1 by its pre-index. */
static void guest_opaque(void (*run)(void), s64 far_offset, enum needs needs)
{
	const u64 addr = DEVICE_GVA + DEVICE_OFFSET;
	u64 i;

	if (!guest_has(needs)) {
		GUEST_SYNC(~0UL);
		return;
	}

	for (i = 1; i <= 3; i++) {
		guest_run_insn(run, addr);
		guest_expect_sea(i, ESR_ELx_EC_DABT_CUR, addr + far_offset);
	}

	/* The device still works. */
	GUEST_ASSERT_EQ(readl((void *)addr), 0x12345678U);
	GUEST_DONE();
}

static void inject_sea(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };

	vcpu_events_set(vcpu, &events);
}

static struct kvm_vm *create_vm(enum vm_kind kind, void *guest_code,
				struct kvm_vcpu **vcpu)
{
	struct kvm_vm *vm = vm_create_kind(kind, 1, guest_code, vcpu);

	vm_install_sync_handler(vm, VECTOR_SYNC_CURRENT, ESR_ELx_EC_DABT_CUR, sea_handler);
	virt_map(vm, DEVICE_GVA, DEVICE_GPA, 1);
	if (kind == VM_ORDINARY)
		vm_enable_cap(vm, KVM_CAP_ARM_NISV_TO_USER, 0);

	return vm;
}

static void add_memory(struct kvm_vm *vm)
{
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, MEMORY_GPA, MEMORY_SLOT,
				    MEMORY_PAGES, KVM_MEM_GUEST_MEMFD);
	vm_mem_set_private(vm, MEMORY_GPA, MEMORY_PAGES * vm->page_size);
}

static bool is_device_access(struct kvm_run *run)
{
	return run->exit_reason == KVM_EXIT_MMIO &&
	       run->mmio.phys_addr >= DEVICE_GPA &&
	       run->mmio.phys_addr < DEVICE_GPA + SZ_4K;
}

static void expect_ucall(struct kvm_vcpu *vcpu, u64 cmd, struct ucall *uc)
{
	if (get_ucall(vcpu, uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(*uc);
	TEST_ASSERT(uc->cmd == cmd, "Exit %u (%s), ucall %lu, expected ucall %lu",
		    vcpu->run->exit_reason, exit_reason_str(vcpu->run->exit_reason),
		    uc->cmd, cmd);
}

static void run_to_ucall(struct kvm_vcpu *vcpu, u64 cmd, struct ucall *uc)
{
	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);
	expect_ucall(vcpu, cmd, uc);
}

static void run_to_done(struct kvm_vcpu *vcpu)
{
	struct ucall uc;

	run_to_ucall(vcpu, UCALL_DONE, &uc);
}

static void run_to_device_access(struct kvm_vcpu *vcpu, bool is_write)
{
	struct kvm_run *run = vcpu->run;
	struct ucall uc;

	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);
	if (!is_device_access(run))
		expect_ucall(vcpu, UCALL_NONE, &uc);
	TEST_ASSERT(is_device_access(run), "Exit %u (%s)", run->exit_reason,
		    exit_reason_str(run->exit_reason));
	TEST_ASSERT_EQ(run->mmio.is_write, is_write);
}

FIXTURE(realm) {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(realm)
{
	SKIP_WITHOUT_REALMS(return, VM_REALM);
}

FIXTURE_TEARDOWN(realm)
{
	kvm_vm_free(self->vm);
}

/* Where an ordinary VM is different */
FIXTURE(ordinary) {
	struct kvm_vm *vm;
};

FIXTURE_SETUP(ordinary)
{
}

FIXTURE_TEARDOWN(ordinary)
{
	kvm_vm_free(self->vm);
}

/* For what has a meaning in an ordinary VM as well, which is the control. */
FIXTURE(kinds) {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_VARIANT_KINDS(kinds);

FIXTURE_SETUP(kinds)
{
	SKIP_WITHOUT_REALMS(return, variant->kind);
}

FIXTURE_TEARDOWN(kinds)
{
	kvm_vm_free(self->vm);
}

/*
 * Run one of the instructions. Returns false if the VM does not have it. A
 * realm takes its aborts without any exit to the VMM.
 */
static bool run_opaque(struct kvm_vcpu *vcpu, enum vm_kind kind)
{
	struct kvm_run *run = vcpu->run;
	struct ucall uc;

	for (;;) {
		TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);
		if (kind != VM_ORDINARY || run->exit_reason != KVM_EXIT_ARM_NISV)
			break;
		TEST_ASSERT_EQ(run->arm_nisv.fault_ipa & ~(SZ_4K - 1UL), DEVICE_GPA);
		inject_sea(vcpu);
	}

	if (!is_device_access(run)) {
		expect_ucall(vcpu, UCALL_SYNC, &uc);
		return false;
	}

	memcpy(run->mmio.data, &(u32){ 0x12345678 }, 4);
	run_to_done(vcpu);
	return true;
}

#define PRE_INDEX(_name)						\
	(!strcmp(#_name, "h08_ldr_pre") ? 8 : !strcmp(#_name, "h08_str_pre") ? -4 : 0)

static enum needs insn_needs(const char *name)
{
	if (strstr(name, "64b"))
		return NEEDS_LS64;
	if (strstr(name, "setp") || strstr(name, "cpyfp"))
		return NEEDS_MOPS;
	return NEEDS_NOTHING;
}

#define DEFINE_OPAQUE_TEST(_name, ...)				\
TEST_F(kinds, _name)							\
{									\
	/* Of these an ordinary VM has another exit. */			\
	if (variant->kind == VM_ORDINARY && insn_needs(#_name) == NEEDS_LS64) \
		SKIP(return, "the VMM completes it");			\
									\
	self->vm = create_vm(variant->kind, guest_opaque, &self->vcpu); \
	vcpu_args_set(self->vcpu, 3, insn_##_name, (u64)PRE_INDEX(_name), \
		      (u64)insn_needs(#_name));				\
	vm_launch(self->vm);						\
	if (!run_opaque(self->vcpu, variant->kind))			\
		SKIP(return, "not an instruction of this VM");		\
}

FOR_EACH_OPAQUE_INSN(DEFINE_OPAQUE_TEST)

/*
 * Aborts at the wish of the VMM
 */

static void guest_loads_and_stores(void)
{
	const u64 addr = DEVICE_GVA + DEVICE_OFFSET;
	u64 nr, val;

	/* Each access is aborted once, then done. */
	for (nr = 1; ; nr++) {
		val = 0x5555;
		asm volatile("ldr %0, [%1]" : "+r"(val) : "r"(addr) : "memory");
		GUEST_ASSERT_EQ(val, 0x5555UL);
		guest_expect_sea(2 * nr - 1, ESR_ELx_EC_DABT_CUR, addr);
		GUEST_ASSERT(!(sea.esr & ESR_ELx_WNR));

		asm volatile("strh %w0, [%1]" : : "r"(nr), "r"(addr) : "memory");
		guest_expect_sea(2 * nr, ESR_ELx_EC_DABT_CUR, addr);

		asm volatile("ldrsb %0, [%1]" : "=r"(val) : "r"(addr) : "memory");
		GUEST_ASSERT_EQ(val, (u64)(s64)(s8)(0x80 + nr));
		asm volatile("str %w0, [%1]" : : "r"(nr + 0x100), "r"(addr) : "memory");
		GUEST_ASSERT_EQ(sea.nr_seas, 2 * nr);
	}
}

TEST_F(kinds, h11_vmm_aborts_loads_and_stores)
{
	struct kvm_vcpu *vcpu;
	struct kvm_run *run;
	u32 nr, data;

	self->vm = create_vm(variant->kind, guest_loads_and_stores, &vcpu);
	run = vcpu->run;
	vm_launch(self->vm);

	for (nr = 1; nr <= 3; nr++) {
		run_to_device_access(vcpu, false);
		/* Must not get anywhere. */
		memset(run->mmio.data, 0xee, sizeof(run->mmio.data));
		inject_sea(vcpu);

		run_to_device_access(vcpu, true);
		inject_sea(vcpu);

		run_to_device_access(vcpu, false);
		run->mmio.data[0] = 0x80 + nr;

		run_to_device_access(vcpu, true);
		memcpy(&data, run->mmio.data, sizeof(data));
		TEST_ASSERT_EQ(data, nr + 0x100);
	}
}

/* Pending it is until the REC is entered, and then no more. */
TEST_F(realm, h11_pending_abort_is_reported)
{
	struct kvm_vcpu_events events;
	struct kvm_vcpu *vcpu;

	self->vm = create_vm(VM_REALM, guest_loads_and_stores, &vcpu);
	vm_launch(self->vm);

	vcpu_events_get(vcpu, &events);
	EXPECT_EQ(0, events.exception.ext_dabt_pending);

	run_to_device_access(vcpu, false);
	vcpu_events_get(vcpu, &events);
	EXPECT_EQ(0, events.exception.ext_dabt_pending);

	inject_sea(vcpu);
	vcpu_events_get(vcpu, &events);
	EXPECT_EQ(1, events.exception.ext_dabt_pending);
	EXPECT_EQ(0, events.exception.serror_pending);

	/* This KVM_RUN does not get as far as the REC. */
	vcpu_run_complete_io(vcpu);
	vcpu_events_get(vcpu, &events);
	EXPECT_EQ(1, events.exception.ext_dabt_pending);

	run_to_device_access(vcpu, true);
	vcpu_events_get(vcpu, &events);
	EXPECT_EQ(0, events.exception.ext_dabt_pending);
}

static int set_events(struct kvm_vcpu *vcpu, struct kvm_vcpu_events events)
{
	return __vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &events);
}

#define EXPECT_EINVAL(_vcpu, ...)					\
do {									\
	struct kvm_vcpu_events __events = { __VA_ARGS__ };		\
									\
	errno = 0;							\
	EXPECT_EQ(-1, set_events(_vcpu, __events));			\
	EXPECT_EQ(EINVAL, errno);					\
} while (0)

static void guest_no_abort(void)
{
	const u64 addr = DEVICE_GVA + DEVICE_OFFSET;
	u64 i;

	for (i = 0; ; i++) {
		GUEST_ASSERT_EQ(readl((void *)addr), (u32)(0x1000 + i));
		writel(i, (void *)addr);
		GUEST_ASSERT_EQ(sea.nr_seas, 0UL);
		GUEST_SYNC(i);
	}
}

/* An abort that nothing caused. The realm must not see any of them. */
TEST_F(realm, h11_abort_out_of_place)
{
	struct kvm_vcpu *vcpu;
	struct kvm_run *run;
	struct ucall uc;
	u32 i;

	self->vm = create_vm(VM_REALM, guest_no_abort, &vcpu);
	run = vcpu->run;

	/* Never run. */
	EXPECT_EINVAL(vcpu, .exception.ext_dabt_pending = 1);
	vm_launch(self->vm);
	EXPECT_EINVAL(vcpu, .exception.ext_dabt_pending = 1);

	for (i = 0; i < 3; i++) {
		run_to_device_access(vcpu, false);
		memcpy(run->mmio.data, &(u32){ 0x1000 + i }, 4);

		/* An SError is not the host's to give, now or ever. */
		EXPECT_EINVAL(vcpu, .exception.serror_pending = 1);
		EXPECT_EINVAL(vcpu, .exception.serror_pending = 1,
			      .exception.ext_dabt_pending = 1);
		EXPECT_EINVAL(vcpu, .exception.ext_dabt_pending = 1, .reserved[0] = 1);

		/* The load is completed, though the realm does not know it yet. */
		vcpu_run_complete_io(vcpu);
		EXPECT_EINVAL(vcpu, .exception.ext_dabt_pending = 1);

		run_to_device_access(vcpu, true);
		vcpu_run_complete_io(vcpu);
		EXPECT_EINVAL(vcpu, .exception.ext_dabt_pending = 1);

		/* The MMIO of the ucall, completed by get_ucall(). */
		run_to_ucall(vcpu, UCALL_SYNC, &uc);
		EXPECT_EQ(i, uc.args[1]);
		EXPECT_EINVAL(vcpu, .exception.ext_dabt_pending = 1);

		/* No event at all is always fine. */
		EXPECT_EQ(0, set_events(vcpu, (struct kvm_vcpu_events){}));
	}
}

static void on_alarm(int sig)
{
}

static void guest_spin(void)
{
	readl((void *)(DEVICE_GVA + DEVICE_OFFSET));
	while (READ_ONCE(sea.nr_seas) == 0)
		cpu_relax();
	GUEST_FAIL("Aborted while computing");
}

/* An abort that comes from nowhere goes back to where it came from. */
static void abort_counter(struct ex_regs *regs)
{
	sea.nr_seas++;
}

static void guest_counts_aborts(void)
{
	for (;;)
		GUEST_SYNC(sea.nr_seas);
}

/* An ordinary VM takes it at any time, and at once: it is never pending. */
TEST_F(ordinary, h11_abort_at_any_time)
{
	struct kvm_vcpu_events events;
	struct kvm_vcpu *vcpu;
	struct ucall uc;
	u64 i;

	self->vm = create_vm(VM_ORDINARY, guest_counts_aborts, &vcpu);
	vm_install_sync_handler(self->vm, VECTOR_SYNC_CURRENT, ESR_ELx_EC_DABT_CUR,
				abort_counter);
	for (i = 0; i < 4; i++) {
		run_to_ucall(vcpu, UCALL_SYNC, &uc);
		EXPECT_EQ(i, uc.args[1]);
		if (i & 1)
			vcpu_run_complete_io(vcpu);
		inject_sea(vcpu);
		vcpu_events_get(vcpu, &events);
		EXPECT_EQ(0, events.exception.ext_dabt_pending);
	}
}

/* An interrupt made the realm exit: no access at all is there to be aborted. */
TEST_F(realm, h11_abort_after_an_interrupt)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct kvm_vcpu *vcpu;
	int i;

	self->vm = create_vm(VM_REALM, guest_spin, &vcpu);
	vm_launch(self->vm);
	run_to_device_access(vcpu, false);

	sigaction(SIGALRM, &action, NULL);
	for (i = 0; i < 3; i++) {
		ualarm(50000, 0);
		EXPECT_EQ(-1, __vcpu_run(vcpu));
		EXPECT_EQ(EINTR, errno);
		EXPECT_EINVAL(vcpu, .exception.ext_dabt_pending = 1);
	}
}

/*
 * Something else came between the access and the ioctl: there is nothing left to
 * abort, or there still is.
 */

static pthread_t vcpu_thread_id;

/* While KVM waits for the page: KVM_RUN gets no further than to map it. */
static int interrupt_then_provide(int uffd_mode, int uffd, struct uffd_msg *msg)
{
	static const u8 contents[SZ_64K];
	const u64 size = getpagesize();
	struct uffdio_copy copy = {
		.dst = msg->arg.pagefault.address & ~(size - 1),
		.src = (u64)contents,
		.len = size,
	};

	pthread_kill(vcpu_thread_id, SIGUSR1);
	TEST_ASSERT(!ioctl(uffd, UFFDIO_COPY, &copy), "UFFDIO_COPY: %s", strerror(errno));
	return 0;
}

static void guest_touch_shared(u64 is_write)
{
	u32 i;

	for (i = 0; i < MEMORY_PAGES; i++) {
		u64 *word = (u64 *)(SHARED_GVA + i * SZ_4K);

		if (is_write)
			WRITE_ONCE(*word, i);
		else
			GUEST_ASSERT_EQ(READ_ONCE(*word), 0UL);
	}
	GUEST_ASSERT_EQ(sea.nr_seas, 0UL);
	GUEST_DONE();
}

FIXTURE(resolved) {
	struct kvm_vm *vm;
};

FIXTURE_VARIANT(resolved) {
	bool is_write;
};

FIXTURE_VARIANT_ADD(resolved, load) {
};

FIXTURE_VARIANT_ADD(resolved, store) {
	.is_write = true,
};

FIXTURE_SETUP(resolved)
{
	SKIP_WITHOUT_REALMS(return, VM_REALM);
}

FIXTURE_TEARDOWN(resolved)
{
	kvm_vm_free(self->vm);
}

/* The access was to memory, which is there by now. */
TEST_F(resolved, h11_abort)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct uffd_desc *uffd;
	struct kvm_vcpu *vcpu;
	int fd, nr_signals = 0;

	fd = syscall(__NR_userfaultfd, O_CLOEXEC);
	if (fd < 0)
		SKIP(return, "needs userfaultfd: %s", strerror(errno));
	close(fd);

	self->vm = create_vm(VM_REALM, guest_touch_shared, &vcpu);
	vcpu_args_set(vcpu, 1, (u64)variant->is_write);
	vm_userspace_mem_region_add(self->vm, VM_MEM_SRC_ANONYMOUS, MEMORY_GPA, MEMORY_SLOT,
				    MEMORY_PAGES, 0);
	virt_map_shared(self->vm, SHARED_GVA, MEMORY_GPA, MEMORY_PAGES);
	vm_launch(self->vm);

	vcpu_thread_id = pthread_self();
	sigaction(SIGUSR1, &action, NULL);
	uffd = uffd_setup_demand_paging(UFFDIO_REGISTER_MODE_MISSING, 0,
					addr_gpa2hva(self->vm, MEMORY_GPA),
					MEMORY_PAGES * self->vm->page_size, 1,
					interrupt_then_provide);
	while (__vcpu_run(vcpu)) {
		ASSERT_EQ(EINTR, errno);
		nr_signals++;
		EXPECT_EINVAL(vcpu, .exception.ext_dabt_pending = 1);
	}
	expect_ucall(vcpu, UCALL_DONE, &(struct ucall){});
	EXPECT_LE(MEMORY_PAGES * SZ_4K / self->vm->page_size, nr_signals);
	uffd_stop_demand_paging(uffd);
}

static void guest_load_private_as_shared(void)
{
	const u64 addr = SHARED_GVA + 0x48;
	u64 nr;

	for (nr = 1; nr <= 2; nr++) {
		asm volatile("ldr xzr, [%0]" : : "r"(addr) : "memory");
		guest_expect_sea(nr, ESR_ELx_EC_DABT_CUR, addr);
	}
	GUEST_DONE();
}

/* The VMM need not make the memory shared: it can have the realm take an SEA. */
TEST_F(realm, h11_abort_of_a_memory_fault)
{
	struct kvm_vcpu *vcpu;
	int i;

	self->vm = create_vm(VM_REALM, guest_load_private_as_shared, &vcpu);
	add_memory(self->vm);
	virt_map_shared(self->vm, SHARED_GVA, MEMORY_GPA, MEMORY_PAGES);
	vm_launch(self->vm);

	for (i = 0; i < 2; i++) {
		TEST_ASSERT_EQ(vcpu_run_errno(vcpu), EFAULT);
		TEST_ASSERT_EQ(vcpu->run->exit_reason, KVM_EXIT_MEMORY_FAULT);
		TEST_ASSERT_EQ(vcpu->run->memory_fault.gpa, MEMORY_GPA);
		TEST_ASSERT_EQ(vcpu->run->memory_fault.flags, 0);
		/* The access is still to be made, also after this. */
		vcpu_run_complete_io(vcpu);
		inject_sea(vcpu);
	}
	run_to_done(vcpu);
}

static struct rsi_host_call host_call __aligned(256);

static void guest_other_exits(void)
{
	/* SMCCC_VERSION: the host answers it without an exit to the VMM. */
	host_call = (struct rsi_host_call) { .gprs = { 0x80000000 } };
	GUEST_ASSERT_EQ(rsi_host_call(&host_call), RSI_SUCCESS);
	GUEST_SYNC(0);
	GUEST_ASSERT_EQ(rsi_set_ripas(MEMORY_GPA, MEMORY_GPA + SZ_4K, RSI_RIPAS_EMPTY),
			RSI_SUCCESS);
	guest_psci(PSCI_0_2_FN_SYSTEM_OFF, 0, 0, 0);
	GUEST_FAIL("SYSTEM_OFF returned");
}

/* Exits that no access has caused. */
TEST_F(realm, h11_abort_after_other_exits)
{
	struct kvm_vcpu *vcpu;
	struct ucall uc;

	self->vm = create_vm(VM_REALM, guest_other_exits, &vcpu);
	add_memory(self->vm);
	vm_launch(self->vm);

	run_to_ucall(vcpu, UCALL_SYNC, &uc);
	EXPECT_EINVAL(vcpu, .exception.ext_dabt_pending = 1);

	/* A RIPAS change */
	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), EFAULT);
	TEST_ASSERT_EQ(vcpu->run->exit_reason, KVM_EXIT_MEMORY_FAULT);
	EXPECT_EINVAL(vcpu, .exception.ext_dabt_pending = 1);

	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);
	TEST_ASSERT_EQ(vcpu->run->exit_reason, KVM_EXIT_SYSTEM_EVENT);
	EXPECT_EINVAL(vcpu, .exception.ext_dabt_pending = 1);
}

/*
 * Accesses that cross a page. Two pages that follow each other for the guest are
 * a device, memory or memory that can only be read.
 */

enum page_kind {
	PAGE_DEVICE,
	PAGE_MEMORY,
	PAGE_READONLY,
	NR_PAGE_KINDS,
};

#define CROSS_GVA		0x70000000UL
#define CROSS_GPA(_kind)	(0x80000000UL + (u64)(_kind) * SZ_1G)
#define CROSS_SLOT(_kind)	(20 + (_kind))
/* Both pages have this in each byte, a device answers with the other. */
#define CROSS_BYTE		0x5a
#define CROSS_DEVICE_BYTE	0xc3

static gva_t cross_gva(enum page_kind first, enum page_kind second)
{
	return CROSS_GVA + (first * NR_PAGE_KINDS + second) * 2 * SZ_4K;
}

/* X2 and X3 are the data, and the access begins @before bytes below the boundary. */
#define FOR_EACH_CROSSING_INSN(X)					\
	X(ldrh,		"ldrh w2, [x1]",	2,  1, false, false)	\
	X(ldr_w,	"ldr w2, [x1]",		4,  1, false, false)	\
	X(ldr_x,	"ldr x2, [x1]",		8,  4, false, false)	\
	X(strh,		"strh w2, [x1]",	2,  1, true,  false)	\
	X(str_w,	"str w2, [x1]",		4,  3, true,  false)	\
	X(str_x,	"str x2, [x1]",		8,  4, true,  false)	\
	X(ldp_w,	"ldp w2, w3, [x1]",	8,  4, false, true)	\
	X(ldp_x,	"ldp x2, x3, [x1]",	16, 8, false, true)	\
	X(stp_w,	"stp w2, w3, [x1]",	8,  4, true,  true)	\
	X(stp_x,	"stp x2, x3, [x1]",	16, 8, true,  true)

#define DEFINE_CROSSING_INSN(_name, _insn, ...)				\
static void insn_cross_##_name(void)					\
{									\
	RUN_INSN(_insn);						\
}

FOR_EACH_CROSSING_INSN(DEFINE_CROSSING_INSN)

static const struct crossing_insn {
	const char *name;
	void (*run)(void);
	u32 size;
	u32 before;
	bool is_store;
	bool is_pair;
} crossing_insns[] = {
#define CROSSING_INSN(_name, _insn, _size, _before, _is_store, _is_pair) \
	{ #_name, insn_cross_##_name, _size, _before, _is_store, _is_pair },
	FOR_EACH_CROSSING_INSN(CROSSING_INSN)
};

enum crossing_result {
	CROSS_DONE,		/* both pages are memory */
	CROSS_SEA_FIRST,	/* at the address of the access */
	CROSS_SEA_SECOND,	/* at the second page */
	CROSS_MMIO_SECOND,	/* taken for an access to the second page alone */
};

static bool is_backed(const struct crossing_insn *insn, enum page_kind kind)
{
	return insn->is_store ? kind == PAGE_MEMORY : kind != PAGE_DEVICE;
}

static enum crossing_result crossing_result(const struct crossing_insn *insn,
					    enum page_kind first, enum page_kind second)
{
	if (!is_backed(insn, first))
		return CROSS_SEA_FIRST;
	if (is_backed(insn, second))
		return CROSS_DONE;
	return insn->is_pair ? CROSS_SEA_SECOND : CROSS_MMIO_SECOND;
}

static u64 bytes_of(u8 byte, u32 size)
{
	return (0x0101010101010101UL * byte) >> (64 - 8 * size);
}

static void guest_cross(const struct crossing_insn *insn, enum page_kind first,
			enum page_kind second)
{
	const u64 boundary = cross_gva(first, second) + SZ_4K;
	const u64 addr = boundary - insn->before;
	u32 reg_size = insn->is_pair ? insn->size / 2 : insn->size;
	u64 seas = sea.nr_seas, data;
	int i;

	for (i = 0; i < ARRAY_SIZE(insn_regs); i++)
		insn_regs[i] = DATA(i);
	insn_regs[1] = addr;
	if (insn->is_store) {
		insn_regs[2] = bytes_of(CROSS_BYTE, 8);
		insn_regs[3] = insn_regs[2];
	}
	data = insn_regs[2];
	insn->run();

	switch (crossing_result(insn, first, second)) {
	case CROSS_SEA_FIRST:
		guest_expect_sea(seas + 1, ESR_ELx_EC_DABT_CUR, addr);
		break;
	case CROSS_SEA_SECOND:
		guest_expect_sea(seas + 1, ESR_ELx_EC_DABT_CUR, boundary);
		break;
	case CROSS_DONE:
		GUEST_ASSERT_EQ(sea.nr_seas, seas);
		if (!insn->is_store)
			data = bytes_of(CROSS_BYTE, reg_size);
		break;
	case CROSS_MMIO_SECOND:
		GUEST_ASSERT_EQ(sea.nr_seas, seas);
		if (!insn->is_store)
			data = bytes_of(CROSS_DEVICE_BYTE, reg_size);
		break;
	}
	GUEST_ASSERT_EQ(insn_regs[2], data);
}

static void guest_cross_all(void)
{
	u32 i, first, second;

	for (i = 0; i < ARRAY_SIZE(crossing_insns); i++) {
		for (first = 0; first < NR_PAGE_KINDS; first++) {
			for (second = 0; second < NR_PAGE_KINDS; second++)
				guest_cross(&crossing_insns[i], first, second);
		}
	}
	GUEST_DONE();
}

static u32 crossings_taken_for_mmio(void)
{
	u32 i, first, second, nr = 0;

	for (i = 0; i < ARRAY_SIZE(crossing_insns); i++) {
		for (first = 0; first < NR_PAGE_KINDS; first++) {
			for (second = 0; second < NR_PAGE_KINDS; second++)
				nr += crossing_result(&crossing_insns[i], first, second) ==
				      CROSS_MMIO_SECOND;
		}
	}
	return nr;
}

/* Pages of each kind, in pairs; the second of a pair is the second of its kind. */
static void map_crossing_pages(struct kvm_vm *vm)
{
	u32 kind, first, second;

	for (kind = PAGE_MEMORY; kind < NR_PAGE_KINDS; kind++) {
		vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, CROSS_GPA(kind),
					    CROSS_SLOT(kind), 2,
					    kind == PAGE_READONLY ? KVM_MEM_READONLY : 0);
		memset(addr_gpa2hva(vm, CROSS_GPA(kind)), CROSS_BYTE, 2 * SZ_4K);
	}

	for (first = 0; first < NR_PAGE_KINDS; first++) {
		for (second = 0; second < NR_PAGE_KINDS; second++) {
			virt_map_shared(vm, cross_gva(first, second), CROSS_GPA(first), 1);
			virt_map_shared(vm, cross_gva(first, second) + SZ_4K,
					CROSS_GPA(second) + SZ_4K, 1);
		}
	}
}

/* Nothing but an access within the second page looks like this. */
static void expect_access_to_second_page(struct kvm_run *run)
{
	TEST_ASSERT(run->mmio.phys_addr == CROSS_GPA(PAGE_DEVICE) + SZ_4K ||
		    (run->mmio.is_write &&
		     run->mmio.phys_addr == CROSS_GPA(PAGE_READONLY) + SZ_4K),
		    "MMIO at 0x%llx, %u bytes", run->mmio.phys_addr, run->mmio.len);
	memset(run->mmio.data, CROSS_DEVICE_BYTE, sizeof(run->mmio.data));
}

static void expect_unchanged(struct kvm_vm *vm, enum page_kind kind)
{
	const u8 *hva = addr_gpa2hva(vm, CROSS_GPA(kind));
	u32 i;

	for (i = 0; i < 2 * SZ_4K; i++)
		TEST_ASSERT_EQ(hva[i], CROSS_BYTE);
}

/*
 * No access of which the host knows that it crosses a page is done by halves. If
 * only the second page faults, the host cannot know: see realm.rst.
 */
TEST_F(realm, h08_crossing_a_page)
{
	struct kvm_vcpu *vcpu;
	u32 nr_mmio = 0;

	self->vm = create_vm(VM_REALM, guest_cross_all, &vcpu);
	if (self->vm->page_size != SZ_4K)
		SKIP(return, "written for pages of 4 KB");

	map_crossing_pages(self->vm);
	vm_launch(self->vm);

	for (;;) {
		TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);
		if (vcpu->run->exit_reason != KVM_EXIT_MMIO ||
		    vcpu->run->mmio.phys_addr < CROSS_GPA(0))
			break;
		expect_access_to_second_page(vcpu->run);
		nr_mmio++;
	}
	expect_ucall(vcpu, UCALL_DONE, &(struct ucall){});
	EXPECT_EQ(crossings_taken_for_mmio(), nr_mmio);

	expect_unchanged(self->vm, PAGE_MEMORY);
	expect_unchanged(self->vm, PAGE_READONLY);
}

/*
 * Protected memory that is not there
 */

/* RET, as data. */
#define INSN_RET	0xd65f03c0U

static void guest_ripas_empty(void)
{
	const u64 data = PRIVATE_GVA + 0x48;

	/* The RMM itself tells the realm. */
	asm volatile("ldr xzr, [%0]" : : "r"(data) : "memory");
	guest_expect_sea(1, ESR_ELx_EC_DABT_CUR, data);
	asm volatile("str xzr, [%0]" : : "r"(data) : "memory");
	guest_expect_sea(2, ESR_ELx_EC_DABT_CUR, data);
	asm volatile("ldp xzr, x2, [%0]" : : "r"(data) : "x2", "memory");
	guest_expect_sea(3, ESR_ELx_EC_DABT_CUR, data);
	GUEST_DONE();
}

/* No memslot, and so RIPAS EMPTY: the host is not asked. */
TEST_F(realm, h10_protected_empty)
{
	struct kvm_vcpu *vcpu;

	self->vm = create_vm(VM_REALM, guest_ripas_empty, &vcpu);
	virt_map_private(self->vm, PRIVATE_GVA, MEMORY_GPA, MEMORY_PAGES);
	vm_launch(self->vm);
	run_to_done(vcpu);
}

/* Return to where a call to nowhere came from. */
static void iabt_handler(struct ex_regs *regs)
{
	sea_handler(regs);
	regs->pc = regs->regs[30];
}

static void guest_fetch_shared(void)
{
	void (*fn)(void) = (void *)SHARED_GVA;

	WRITE_ONCE(*(u32 *)SHARED_GVA, INSN_RET);
	fn();
	guest_expect_sea(1, ESR_ELx_EC_IABT_CUR, SHARED_GVA);

	/* The memory as such is fine. */
	GUEST_ASSERT_EQ(READ_ONCE(*(u32 *)SHARED_GVA), INSN_RET);
	GUEST_DONE();
}

/* A realm does not run code the host can write. The RMM sees to that. */
TEST_F(realm, fetch_from_shared_memory)
{
	struct kvm_vcpu *vcpu;

	self->vm = create_vm(VM_REALM, guest_fetch_shared, &vcpu);
	vm_install_sync_handler(self->vm, VECTOR_SYNC_CURRENT, ESR_ELx_EC_IABT_CUR,
				iabt_handler);
	virt_map_shared(self->vm, SHARED_GVA, MEMORY_GPA, MEMORY_PAGES);
	add_memory(self->vm);
	vm_mem_set_shared(self->vm, MEMORY_GPA, MEMORY_PAGES * self->vm->page_size);
	vm_launch(self->vm);
	run_to_done(vcpu);
}

enum touch {
	TOUCH_LOAD,
	TOUCH_STORE,
	TOUCH_FETCH,
};

static void guest_touch_deleted(u64 touch)
{
	void (*fn)(void) = (void *)PRIVATE_GVA;

	GUEST_ASSERT_EQ(READ_ONCE(*(u32 *)PRIVATE_GVA), INSN_RET);
	fn();
	GUEST_SYNC(0);

	switch (touch) {
	case TOUCH_LOAD:
		READ_ONCE(*(u64 *)PRIVATE_GVA);
		break;
	case TOUCH_STORE:
		WRITE_ONCE(*(u64 *)PRIVATE_GVA, 1);
		break;
	case TOUCH_FETCH:
		fn();
		break;
	}
	GUEST_FAIL("There is no memory");
}

FIXTURE(deleted) {
	struct kvm_vm *vm;
};

FIXTURE_VARIANT(deleted) {
	enum touch touch;
};

FIXTURE_VARIANT_ADD(deleted, load) {
	.touch = TOUCH_LOAD,
};

FIXTURE_VARIANT_ADD(deleted, store) {
	.touch = TOUCH_STORE,
};

FIXTURE_VARIANT_ADD(deleted, fetch) {
	.touch = TOUCH_FETCH,
};

FIXTURE_SETUP(deleted)
{
	SKIP_WITHOUT_REALMS(return, VM_REALM);
}

FIXTURE_TEARDOWN(deleted)
{
	kvm_vm_free(self->vm);
}

/* Fill the first page with code and populate the slot with it. */
static void populate_memory(struct kvm_vm *vm)
{
	u32 *hva = addr_gpa2hva(vm, MEMORY_GPA);

	hva[0] = INSN_RET;
	vm_realm_populate(vm, MEMORY_GPA, MEMORY_PAGES * vm->page_size, hva,
			  KVM_ARM_RMI_POPULATE_FLAGS_MEASURE);
}

static void expect_private_fault(struct kvm_vcpu *vcpu, gpa_t gpa)
{
	struct kvm_run *run = vcpu->run;

	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), EFAULT);
	TEST_ASSERT_EQ(run->exit_reason, KVM_EXIT_MEMORY_FAULT);
	TEST_ASSERT_EQ(run->memory_fault.flags, KVM_MEMORY_EXIT_FLAG_PRIVATE);
	TEST_ASSERT_EQ(run->memory_fault.gpa, gpa);
	TEST_ASSERT_EQ(run->memory_fault.size, vcpu->vm->page_size);
}

/* The VMM is told, as often as it tries, and cannot abort it. */
TEST_F(deleted, h10_memslot)
{
	struct kvm_vcpu *vcpu;
	struct ucall uc;
	int i;

	self->vm = create_vm(VM_REALM, guest_touch_deleted, &vcpu);
	virt_map_private(self->vm, PRIVATE_GVA, MEMORY_GPA, MEMORY_PAGES);
	vcpu_args_set(vcpu, 1, (u64)variant->touch);
	add_memory(self->vm);
	populate_memory(self->vm);
	vm_launch(self->vm);

	run_to_ucall(vcpu, UCALL_SYNC, &uc);
	vm_mem_region_delete(self->vm, MEMORY_SLOT);
	for (i = 0; i < 3; i++) {
		expect_private_fault(vcpu, MEMORY_GPA);
		EXPECT_EINVAL(vcpu, .exception.ext_dabt_pending = 1);
	}
}

/* The same, for memory that the VMM took back. */
TEST_F(deleted, h10_page)
{
	struct kvm_vcpu *vcpu;
	struct ucall uc;
	int i;

	self->vm = create_vm(VM_REALM, guest_touch_deleted, &vcpu);
	virt_map_private(self->vm, PRIVATE_GVA, MEMORY_GPA, MEMORY_PAGES);
	vcpu_args_set(vcpu, 1, (u64)variant->touch);
	add_memory(self->vm);
	populate_memory(self->vm);
	vm_launch(self->vm);

	run_to_ucall(vcpu, UCALL_SYNC, &uc);
	vm_guest_mem_punch_hole(self->vm, MEMORY_GPA, self->vm->page_size);
	for (i = 0; i < 3; i++) {
		expect_private_fault(vcpu, MEMORY_GPA);
		EXPECT_EINVAL(vcpu, .exception.ext_dabt_pending = 1);
	}
}

/* Memory that the realm made itself believe in: there never was a memslot. */
static void guest_touch_nothing(u64 touch)
{
	void (*fn)(void) = (void *)PRIVATE_GVA;

	GUEST_ASSERT_EQ(rsi_set_ripas(MEMORY_GPA, MEMORY_GPA + SZ_64K, RSI_RIPAS_RAM),
			RSI_SUCCESS);
	switch (touch) {
	case TOUCH_LOAD:
		READ_ONCE(*(u64 *)PRIVATE_GVA);
		break;
	case TOUCH_STORE:
		WRITE_ONCE(*(u64 *)PRIVATE_GVA, 1);
		break;
	case TOUCH_FETCH:
		fn();
		break;
	}
	GUEST_FAIL("There is no memory");
}

TEST_F(deleted, h10_never_was_a_memslot)
{
	struct kvm_vcpu *vcpu;
	int i;

	self->vm = create_vm(VM_REALM, guest_touch_nothing, &vcpu);
	virt_map_private(self->vm, PRIVATE_GVA, MEMORY_GPA, MEMORY_PAGES);
	vcpu_args_set(vcpu, 1, (u64)variant->touch);
	vm_launch(self->vm);

	/* The realm asks for memory, and is let. */
	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), EFAULT);
	TEST_ASSERT_EQ(vcpu->run->memory_fault.size, SZ_64K);
	for (i = 0; i < 3; i++) {
		expect_private_fault(vcpu, MEMORY_GPA);
		EXPECT_EINVAL(vcpu, .exception.ext_dabt_pending = 1);
	}
}

int main(int argc, char *argv[])
{
	return realm_harness_run(argc, argv);
}
