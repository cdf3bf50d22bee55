// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_lifecycle - Create, populate, run and destroy realm VMs
 *
 * In every order a VMM may try it, with every argument that is wrong, and with
 * the ioctls of a vCPU in every state of it. What has a meaning in an ordinary
 * VM is tested there too.
 */
#include <linux/bitfield.h>
#include <linux/psci.h>
#include <linux/sizes.h>

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "kvm_test_harness.h"
#include "processor.h"
#include "realm.h"
#include "test_util.h"
#include "userfaultfd_util.h"

/* A memslot of the tests' own, beside the one of the library. */
#define TEST_SLOT	10
#define TEST_GPA	0x40000000UL
#define TEST_PAGES	8
/* Where the guest sees its halves. */
#define PRIVATE_GVA	0x50000000UL
#define SHARED_GVA	0x60000000UL

static size_t test_size(struct kvm_vm *vm)
{
	return TEST_PAGES * vm->page_size;
}

/* Check the outcome of a system call that must fail. */
#define EXPECT_ERRNO(_errno, _call)					\
do {									\
	const int __want = (_errno);					\
	int __ret, __errno;						\
									\
	errno = 0;							\
	__ret = (_call);						\
	__errno = errno;						\
	EXPECT_EQ(-1, __ret) {						\
		TH_LOG("%s succeeded", #_call);				\
	}								\
	EXPECT_EQ(__want, __errno) {					\
		TH_LOG("%s: %s, expected %s", #_call, strerror(__errno), \
		       strerror(__want));				\
	}								\
} while (0)

static void expect_ucall(struct kvm_vcpu *vcpu, u64 cmd, struct ucall *uc)
{
	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);

	if (get_ucall(vcpu, uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(*uc);
	TEST_ASSERT(uc->cmd == cmd, "Exit %u (%s), ucall %lu, expected ucall %lu",
		    vcpu->run->exit_reason, exit_reason_str(vcpu->run->exit_reason),
		    uc->cmd, cmd);
}

static void expect_done(struct kvm_vcpu *vcpu)
{
	struct ucall uc;

	expect_ucall(vcpu, UCALL_DONE, &uc);
}

static void expect_sync(struct kvm_vcpu *vcpu, u64 stage)
{
	struct ucall uc;

	expect_ucall(vcpu, UCALL_SYNC, &uc);
	TEST_ASSERT_EQ(uc.args[1], stage);
}

static void guest_done(void)
{
	GUEST_DONE();
}

/* A guest that tells the host at every step and never ends. */
static void guest_steps(void)
{
	u64 i;

	for (i = 0; ; i++)
		GUEST_SYNC(i);
}

FIXTURE(realm) {
	struct kvm_vm *vm;
};

FIXTURE_SETUP(realm)
{
	SKIP_WITHOUT_REALMS(return, VM_REALM);
}

FIXTURE_TEARDOWN(realm)
{
	kvm_vm_free(self->vm);
}

/* For what has a meaning in an ordinary VM as well, which is the control. */
FIXTURE(kinds) {
	struct kvm_vm *vm;
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

static struct kvm_vm *create_realm(struct kvm_vcpu **vcpu, void *guest_code)
{
	return vm_create_kind(VM_REALM, 1, guest_code, vcpu);
}

/* Add the tests' own memslot, private and not populated. */
static void add_test_slot(struct kvm_vm *vm)
{
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, TEST_GPA, TEST_SLOT,
				    TEST_PAGES, KVM_MEM_GUEST_MEMFD);
	vm_mem_set_private(vm, TEST_GPA, test_size(vm));
}

static void *test_hva(struct kvm_vm *vm)
{
	return addr_gpa2hva(vm, TEST_GPA);
}

static int create_vm(unsigned long type)
{
	int kvm_fd = open_kvm_dev_path_or_exit();
	int fd, err;

	fd = __kvm_ioctl(kvm_fd, KVM_CREATE_VM, (void *)type);
	err = errno;
	close(kvm_fd);
	errno = err;
	return fd;
}

/* Return 0 if a VM of this type can be created, else -1 and errno. */
static int try_create_vm(unsigned long type)
{
	int fd = create_vm(type);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

TEST_F(realm, vm_type)
{
	const unsigned long realm = KVM_VM_TYPE_ARM_REALM;
	const int limit = kvm_check_cap(KVM_CAP_ARM_VM_IPA_SIZE);

	EXPECT_EQ(0, try_create_vm(realm));
	EXPECT_EQ(0, try_create_vm(realm | KVM_VM_TYPE_ARM_IPA_SIZE(40)));

	EXPECT_ERRNO(EINVAL, try_create_vm(realm | KVM_VM_TYPE_ARM_PROTECTED));
	EXPECT_ERRNO(EINVAL, try_create_vm(realm | KVM_VM_TYPE_ARM_IPA_SIZE(31)));
	EXPECT_ERRNO(EINVAL, try_create_vm(realm | KVM_VM_TYPE_ARM_IPA_SIZE(limit + 1)));
	EXPECT_ERRNO(EINVAL, try_create_vm(realm | KVM_VM_TYPE_ARM_IPA_SIZE(0xff)));
	EXPECT_ERRNO(EINVAL, try_create_vm(realm | BIT(8)));
	EXPECT_ERRNO(EINVAL, try_create_vm(realm | BIT(29)));
	EXPECT_ERRNO(EINVAL, try_create_vm(realm | BIT(63)));
}

TEST_F(realm, h15_capabilities)
{
	static const struct {
		int cap;
		const char *name;
	} present[] = {
		{ KVM_CAP_IOEVENTFD, "IOEVENTFD" },
		{ KVM_CAP_COALESCED_MMIO, "COALESCED_MMIO" },
		{ KVM_CAP_READONLY_MEM, "READONLY_MEM" },
		{ KVM_CAP_ARM_INJECT_EXT_DABT, "ARM_INJECT_EXT_DABT" },
		{ KVM_CAP_IMMEDIATE_EXIT, "IMMEDIATE_EXIT" },
		{ KVM_CAP_MP_STATE, "MP_STATE" },
		{ KVM_CAP_ONE_REG, "ONE_REG" },
		{ KVM_CAP_IRQFD, "IRQFD" },
		{ KVM_CAP_USER_MEMORY2, "USER_MEMORY2" },
		{ KVM_CAP_GUEST_MEMFD, "GUEST_MEMFD" },
		{ KVM_CAP_MEMORY_ATTRIBUTES, "MEMORY_ATTRIBUTES" },
		{ KVM_CAP_ARM_PSCI_0_2, "ARM_PSCI_0_2" },
		{ KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES, "ARM_SUPPORTED_REG_MASK_RANGES" },
	};
	/* What cannot work on a VM whose registers and memory are hidden. */
	static const struct {
		int cap;
		const char *name;
	} absent[] = {
		{ KVM_CAP_ARM_MTE, "ARM_MTE" },
		{ KVM_CAP_ARM_EL1_32BIT, "ARM_EL1_32BIT" },
		{ KVM_CAP_SET_GUEST_DEBUG, "SET_GUEST_DEBUG" },
		{ KVM_CAP_ARM_EL2, "ARM_EL2" },
	};
	struct kvm_vcpu *vcpu;
	int i;

	self->vm = create_realm(&vcpu, guest_done);

	EXPECT_LT(0, vm_check_cap(self->vm, kvm_cap_arm_rmi()));
	for (i = 0; i < ARRAY_SIZE(present); i++) {
		EXPECT_LT(0, vm_check_cap(self->vm, present[i].cap)) {
			TH_LOG("KVM_CAP_%s is missing", present[i].name);
		}
	}
	for (i = 0; i < ARRAY_SIZE(absent); i++) {
		EXPECT_EQ(0, vm_check_cap(self->vm, absent[i].cap)) {
			TH_LOG("KVM_CAP_%s is reported", absent[i].name);
		}
	}

	/* What reads as 0 cannot be turned on either. */
	EXPECT_ERRNO(EINVAL, __vm_enable_cap(self->vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, 1));
}

/* KVM_ARM_RMI_POPULATE */

static struct kvm_arm_rmi_populate populate_args(struct kvm_vm *vm)
{
	return (struct kvm_arm_rmi_populate) {
		.base = TEST_GPA,
		.size = test_size(vm),
		.source_uaddr = (u64)test_hva(vm),
		.flags = KVM_ARM_RMI_POPULATE_FLAGS_MEASURE,
	};
}

/* Populate with one field of good arguments changed. */
#define POPULATE(_vm, _field, _value)					\
({									\
	struct kvm_vm *__vm = (_vm);					\
	struct kvm_arm_rmi_populate __args = populate_args(__vm);	\
									\
	__args._field = (_value);					\
	__vm_realm_populate(__vm, &__args);				\
})

TEST_F(realm, populate_bad_arguments)
{
	struct kvm_vcpu *vcpu;
	u64 page;

	self->vm = create_realm(&vcpu, guest_done);
	page = self->vm->page_size;
	add_test_slot(self->vm);

	EXPECT_ERRNO(EINVAL, POPULATE(self->vm, base, TEST_GPA + 1));
	EXPECT_ERRNO(EINVAL, POPULATE(self->vm, base, TEST_GPA + page / 2));
	EXPECT_ERRNO(EINVAL, POPULATE(self->vm, size, page / 2));
	EXPECT_ERRNO(EINVAL, POPULATE(self->vm, size, page + 1));
	EXPECT_ERRNO(EINVAL, POPULATE(self->vm, source_uaddr, (u64)test_hva(self->vm) + 8));
	EXPECT_ERRNO(EINVAL, POPULATE(self->vm, flags, BIT(1)));
	EXPECT_ERRNO(EINVAL, POPULATE(self->vm, flags, BIT(31) | 1));
	EXPECT_ERRNO(EINVAL, POPULATE(self->vm, reserved, 1));
	EXPECT_ERRNO(EINVAL, POPULATE(self->vm, base, -page));
	EXPECT_ERRNO(EINVAL, POPULATE(self->vm, size, -page));
	EXPECT_ERRNO(EINVAL, POPULATE(self->vm, source_uaddr, -page));

	/* After all that the good ones still work. */
	vm_realm_populate(self->vm, TEST_GPA, test_size(self->vm), test_hva(self->vm),
			  KVM_ARM_RMI_POPULATE_FLAGS_MEASURE);
	vm_launch(self->vm);
	expect_done(vcpu);
}

TEST_F(realm, populate_size_0)
{
	struct kvm_vcpu *vcpu;

	self->vm = create_realm(&vcpu, guest_done);
	add_test_slot(self->vm);

	EXPECT_EQ(0, POPULATE(self->vm, size, 0));
	vm_launch(self->vm);
	expect_done(vcpu);
}

TEST_F(realm, populate_twice)
{
	struct kvm_vcpu *vcpu;
	int i;

	self->vm = create_realm(&vcpu, guest_done);
	add_test_slot(self->vm);
	vm_realm_populate(self->vm, TEST_GPA, test_size(self->vm), test_hva(self->vm), 0);

	for (i = 0; i < 3; i++)
		EXPECT_EQ(-1, POPULATE(self->vm, flags, 0));

	/* The rest of the memory is not affected. */
	vm_launch(self->vm);
	expect_done(vcpu);
}

/* An error in the middle: what comes before it is done, and reported so. */
TEST_F(realm, populate_overlap)
{
	struct kvm_arm_rmi_populate args;
	struct kvm_vcpu *vcpu;
	u64 page;
	int ret;

	self->vm = create_realm(&vcpu, guest_done);
	page = self->vm->page_size;
	add_test_slot(self->vm);
	vm_realm_populate(self->vm, TEST_GPA + 3 * page, page, test_hva(self->vm), 0);

	args = populate_args(self->vm);
	do {
		ret = __vm_realm_populate(self->vm, &args);
	} while (!ret && args.size);

	EXPECT_EQ(-1, ret);
	EXPECT_EQ(TEST_GPA + 3 * page, args.base);
	EXPECT_EQ((TEST_PAGES - 3) * page, args.size);
	EXPECT_EQ((u64)test_hva(self->vm) + 3 * page, args.source_uaddr);

	/* Go on behind it. */
	vm_realm_populate(self->vm, TEST_GPA + 4 * page, 4 * page, test_hva(self->vm), 0);
	vm_launch(self->vm);
	expect_done(vcpu);
}

TEST_F(realm, populate_what_is_not_private_memory)
{
	struct kvm_vcpu *vcpu;
	void *hole;

	self->vm = create_realm(&vcpu, guest_done);
	add_test_slot(self->vm);

	/* No memslot; the shared half; beyond the address space. */
	EXPECT_EQ(-1, POPULATE(self->vm, base, 2 * TEST_GPA));
	EXPECT_ERRNO(EINVAL, POPULATE(self->vm, base, TEST_GPA | vm_shared_bit(self->vm)));
	EXPECT_ERRNO(EINVAL, POPULATE(self->vm, base, vm_shared_bit(self->vm) - SZ_64K + SZ_4K));
	EXPECT_ERRNO(EINVAL, POPULATE(self->vm, base, BIT_ULL(51)));

	/* A source that cannot be read. */
	hole = kvm_mmap(test_size(self->vm), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	EXPECT_ERRNO(EFAULT, POPULATE(self->vm, source_uaddr, (u64)hole));
	kvm_munmap(hole, test_size(self->vm));
	EXPECT_ERRNO(EFAULT, POPULATE(self->vm, source_uaddr, (u64)hole));
	EXPECT_ERRNO(EFAULT, POPULATE(self->vm, source_uaddr, 0));

	/* Shared memory. */
	vm_mem_set_shared(self->vm, TEST_GPA, test_size(self->vm));
	EXPECT_EQ(-1, POPULATE(self->vm, flags, 0));
	vm_mem_set_private(self->vm, TEST_GPA, test_size(self->vm));

	vm_realm_populate(self->vm, TEST_GPA, test_size(self->vm), test_hva(self->vm), 0);
	vm_launch(self->vm);
	expect_done(vcpu);
}

TEST_F(realm, populate_after_the_first_run)
{
	struct kvm_vcpu *vcpu;

	self->vm = create_realm(&vcpu, guest_steps);
	add_test_slot(self->vm);
	vm_launch(self->vm);
	expect_sync(vcpu, 0);

	EXPECT_ERRNO(EPERM, POPULATE(self->vm, flags, 0));
	expect_sync(vcpu, 1);
}

TEST(populate_an_ordinary_vm)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;

	vm = vm_create_kind(VM_ORDINARY, 1, guest_done, &vcpu);
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, TEST_GPA, TEST_SLOT,
				    TEST_PAGES, 0);
	EXPECT_EQ(-1, POPULATE(vm, flags, 0));
	expect_done(vcpu);

	kvm_vm_free(vm);
}

/* Running what is not ready */

static void on_alarm(int sig)
{
}

/* KVM_RUN for 100 ms at most. */
static int run_with_timeout(struct kvm_vcpu *vcpu)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval timer = {
		.it_value.tv_usec = 100000,
		.it_interval.tv_usec = 100000,
	};
	struct itimerval off = {};
	int ret, err;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	ret = __vcpu_run(vcpu);
	err = errno;
	setitimer(ITIMER_REAL, &off, NULL);
	errno = err;
	return ret;
}

/*
 * Without memory the first fetch fails: the RMM reflects it into the realm, as
 * the RIPAS is EMPTY, so the vCPU goes from one abort to the next until a
 * signal arrives.
 */
TEST_F(realm, run_without_memory)
{
	struct vm_shape shape = vm_kind_shape(VM_REALM);
	struct kvm_vcpu_init init;
	struct kvm_vcpu *vcpu;
	int gic_fd, i;

	self->vm = ____vm_create(shape);
	gic_fd = kvm_create_device(self->vm, KVM_DEV_TYPE_ARM_VGIC_V3);
	kvm_device_attr_set(gic_fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST,
			    &(u64){ 0x8000000 });
	kvm_device_attr_set(gic_fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST,
			    &(u64){ 0x80a0000 });
	vcpu = __vm_vcpu_add(self->vm, 0);
	kvm_get_default_vcpu_target(self->vm, &init);
	vcpu_ioctl(vcpu, KVM_ARM_VCPU_INIT, &init);
	kvm_device_attr_set(gic_fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
			    KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);

	for (i = 0; i < 2; i++)
		EXPECT_ERRNO(EINTR, run_with_timeout(vcpu));

	close(gic_fd);
}

TEST_F(realm, run_without_gic)
{
	struct vm_shape shape = vm_kind_shape(VM_REALM);
	struct kvm_vcpu_init init;
	struct kvm_vcpu *vcpu;

	self->vm = ____vm_create(shape);
	vcpu = __vm_vcpu_add(self->vm, 0);
	kvm_get_default_vcpu_target(self->vm, &init);
	vcpu_ioctl(vcpu, KVM_ARM_VCPU_INIT, &init);

	EXPECT_ERRNO(EINVAL, run_with_timeout(vcpu));
}

TEST_F(realm, run_uninitialised_vcpu)
{
	struct vm_shape shape = vm_kind_shape(VM_REALM);
	struct kvm_vcpu *vcpu;

	self->vm = ____vm_create(shape);
	vcpu = __vm_vcpu_add(self->vm, 0);

	EXPECT_ERRNO(ENOEXEC, run_with_timeout(vcpu));
}

/* A vCPU that was never initialised is in the way of all others. */
TEST_F(realm, run_beside_uninitialised_vcpu)
{
	struct kvm_vcpu *vcpu, *other;
	struct kvm_vcpu_init init;

	self->vm = __vm_create(vm_kind_shape(VM_REALM), 2, 0);
	vcpu = vm_vcpu_add(self->vm, 0, guest_done);
	other = __vm_vcpu_add(self->vm, 1);
	kvm_arch_vm_finalize_vcpus(self->vm);
	vm_launch(self->vm);

	EXPECT_ERRNO(EPERM, run_with_timeout(vcpu));

	/* It can be made up for. */
	kvm_get_default_vcpu_target(self->vm, &init);
	vcpu_ioctl(other, KVM_ARM_VCPU_INIT, &init);
	expect_done(vcpu);
}

/* vCPUs */

TEST_F(realm, two_vcpus_with_one_mpidr)
{
	const u64 mpidr = KVM_ARM64_SYS_REG(SYS_MPIDR_EL1);
	struct kvm_vcpu *vcpus[2];
	int fd;

	self->vm = vm_create_kind(VM_REALM, 2, guest_done, vcpus);

	fd = __vm_ioctl(self->vm, KVM_CREATE_VCPU, (void *)1UL);
	EXPECT_EQ(-1, fd);
	EXPECT_EQ(EEXIST, errno);

	/* MPIDR_EL1 follows from the vCPU's number and nothing else. */
	EXPECT_ERRNO(EINVAL, __vcpu_set_reg(vcpus[1], mpidr, BIT(31)));

	vm_launch(self->vm);
	expect_done(vcpus[0]);
	expect_done(vcpus[1]);
}

/* The RMM numbers RECs from 0 on. */
TEST_F(realm, hole_in_the_vcpu_numbers)
{
	struct kvm_vcpu *vcpu;
	int i;

	self->vm = __vm_create(vm_kind_shape(VM_REALM), 2, 0);
	vcpu = vm_vcpu_add(self->vm, 0, guest_done);
	vm_vcpu_add(self->vm, 5, guest_done);
	kvm_arch_vm_finalize_vcpus(self->vm);
	vm_launch(self->vm);

	for (i = 0; i < 2; i++)
		EXPECT_ERRNO(EINVAL, run_with_timeout(vcpu));
}

TEST_F(realm, vcpu_after_the_first_run)
{
	struct kvm_vcpu *vcpu;

	self->vm = create_realm(&vcpu, guest_steps);
	vm_launch(self->vm);
	expect_sync(vcpu, 0);

	EXPECT_ERRNO(EBUSY, __vm_ioctl(self->vm, KVM_CREATE_VCPU, (void *)1UL));
	expect_sync(vcpu, 1);
}

/* The ioctls of a vCPU in each state of it */

enum vcpu_state {
	STATE_NEVER_RUN,
	STATE_ACTIVE,
	STATE_OFF,
	NR_VCPU_STATES,
};

static const char * const vcpu_state_name[NR_VCPU_STATES] = {
	[STATE_NEVER_RUN]	= "never run",
	[STATE_ACTIVE]		= "activated",
	[STATE_OFF]		= "turned off",
};

#define X5	ARM64_CORE_REG(regs.regs[5])
#define PC	ARM64_CORE_REG(regs.pc)
#define PSTATE	ARM64_CORE_REG(regs.pstate)
#define SP_EL1	ARM64_CORE_REG(sp_el1)

static int get_reg(struct kvm_vcpu *vcpu, u64 id)
{
	u64 val;

	return __vcpu_get_reg(vcpu, id, &val);
}

/* Set a register to what it has. */
static int set_reg(struct kvm_vcpu *vcpu, u64 id)
{
	u64 val = 0;

	__vcpu_get_reg(vcpu, id, &val);
	return __vcpu_set_reg(vcpu, id, val);
}

static int try_get_x5(struct kvm_vcpu *vcpu)
{
	return get_reg(vcpu, X5);
}

static int try_set_x5(struct kvm_vcpu *vcpu)
{
	return set_reg(vcpu, X5);
}

static int try_set_x8(struct kvm_vcpu *vcpu)
{
	return set_reg(vcpu, ARM64_CORE_REG(regs.regs[8]));
}

static int try_set_x8_to_1(struct kvm_vcpu *vcpu)
{
	return __vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.regs[8]), 1);
}

static int try_set_x30_to_1(struct kvm_vcpu *vcpu)
{
	return __vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.regs[30]), 1);
}

static int try_set_pc(struct kvm_vcpu *vcpu)
{
	return set_reg(vcpu, PC);
}

static int try_set_pstate(struct kvm_vcpu *vcpu)
{
	return set_reg(vcpu, PSTATE);
}

static int try_set_sp_el1(struct kvm_vcpu *vcpu)
{
	return set_reg(vcpu, SP_EL1);
}

static int try_set_sctlr(struct kvm_vcpu *vcpu)
{
	return set_reg(vcpu, KVM_ARM64_SYS_REG(SYS_SCTLR_EL1));
}

static int try_set_timer(struct kvm_vcpu *vcpu)
{
	return set_reg(vcpu, KVM_REG_ARM_TIMER_CNT);
}

static int try_init(struct kvm_vcpu *vcpu)
{
	u64 pc = 0, x0 = 0;
	int ret;

	__vcpu_get_reg(vcpu, PC, &pc);
	__vcpu_get_reg(vcpu, ARM64_CORE_REG(regs.regs[0]), &x0);
	ret = __vcpu_ioctl(vcpu, KVM_ARM_VCPU_INIT, &vcpu->init);
	if (!ret) {
		vcpu_set_reg(vcpu, PC, pc);
		vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.regs[0]), x0);
	}
	return ret;
}

static int try_get_mp_state(struct kvm_vcpu *vcpu)
{
	struct kvm_mp_state state;

	return __vcpu_ioctl(vcpu, KVM_GET_MP_STATE, &state);
}

static int set_mp_state(struct kvm_vcpu *vcpu, u32 mp_state)
{
	struct kvm_mp_state state = { .mp_state = mp_state };

	return __vcpu_ioctl(vcpu, KVM_SET_MP_STATE, &state);
}

static int try_set_runnable(struct kvm_vcpu *vcpu)
{
	return set_mp_state(vcpu, KVM_MP_STATE_RUNNABLE);
}

/* And back, where that is possible. */
static int try_set_stopped(struct kvm_vcpu *vcpu)
{
	int ret = set_mp_state(vcpu, KVM_MP_STATE_STOPPED);

	if (!ret)
		try_set_runnable(vcpu);
	return ret;
}

static int try_set_suspended(struct kvm_vcpu *vcpu)
{
	return set_mp_state(vcpu, KVM_MP_STATE_SUSPENDED);
}

static int try_get_events(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_events events;

	return __vcpu_ioctl(vcpu, KVM_GET_VCPU_EVENTS, &events);
}

static int try_set_no_event(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_events events = {};

	return __vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &events);
}

static int try_set_dabt(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };

	return __vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &events);
}

static int try_set_serror(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_events events = { .exception.serror_pending = 1 };

	return __vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &events);
}

static int try_guest_debug(struct kvm_vcpu *vcpu)
{
	struct kvm_guest_debug debug = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP,
	};

	return __vcpu_ioctl(vcpu, KVM_SET_GUEST_DEBUG, &debug);
}

static int try_reg_list(struct kvm_vcpu *vcpu)
{
	free(vcpu_get_reg_list(vcpu));
	return 0;
}

static const struct {
	const char *name;
	int (*try)(struct kvm_vcpu *vcpu);
	int err[NR_VCPU_STATES];
} vcpu_ioctls[] = {
	{ "get X5",		try_get_x5,		{ 0, 0, 0 } },
	{ "set X5",		try_set_x5,		{ 0, EPERM, EPERM } },
	{ "set X8",		try_set_x8,		{ 0, EPERM, EPERM } },
	{ "set X8 to 1",	try_set_x8_to_1,	{ EINVAL, EPERM, EPERM } },
	{ "set X30 to 1",	try_set_x30_to_1,	{ EINVAL, EPERM, EPERM } },
	{ "set PC",		try_set_pc,		{ 0, EPERM, EPERM } },
	{ "set PSTATE",		try_set_pstate,		{ EINVAL, EPERM, EPERM } },
	{ "set SP_EL1",		try_set_sp_el1,		{ EINVAL, EPERM, EPERM } },
	{ "set SCTLR_EL1",	try_set_sctlr,		{ EINVAL, EPERM, EPERM } },
	{ "set the timer",	try_set_timer,		{ EINVAL, EPERM, EPERM } },
	{ "list registers",	try_reg_list,		{ 0, 0, 0 } },
	{ "initialise",		try_init,		{ 0, EPERM, EPERM } },
	{ "get MP state",	try_get_mp_state,	{ 0, 0, 0 } },
	{ "set runnable",	try_set_runnable,	{ 0, 0, EPERM } },
	{ "set stopped",	try_set_stopped,	{ 0, EPERM, 0 } },
	{ "set suspended",	try_set_suspended,	{ EINVAL, EINVAL, EINVAL } },
	{ "get events",		try_get_events,		{ 0, 0, 0 } },
	{ "set no event",	try_set_no_event,	{ 0, 0, 0 } },
	{ "set external abort",	try_set_dabt,		{ EINVAL, EINVAL, EINVAL } },
	{ "set SError",		try_set_serror,		{ EINVAL, EINVAL, EINVAL } },
	{ "debug",		try_guest_debug,	{ EINVAL, EINVAL, EINVAL } },
};

static bool check_vcpu_ioctls(struct kvm_vcpu *vcpu, enum vcpu_state state)
{
	bool ok = true;
	int i, err;

	for (i = 0; i < ARRAY_SIZE(vcpu_ioctls); i++) {
		err = vcpu_ioctls[i].try(vcpu) ? errno : 0;
		if (err == vcpu_ioctls[i].err[state])
			continue;

		ksft_print_msg("%s, vCPU %s: %s, expected: %s\n", vcpu_ioctls[i].name,
			       vcpu_state_name[state], strerror(err),
			       strerror(vcpu_ioctls[i].err[state]));
		ok = false;
	}
	return ok;
}

static void guest_step_then_off(void)
{
	GUEST_SYNC(0);
	guest_psci(PSCI_0_2_FN_SYSTEM_OFF, 0, 0, 0);
	GUEST_FAIL("SYSTEM_OFF returned");
}

static void expect_system_off(struct kvm_vcpu *vcpu)
{
	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_SYSTEM_EVENT);
	TEST_ASSERT_EQ(vcpu->run->system_event.type, KVM_SYSTEM_EVENT_SHUTDOWN);
}

TEST_F(realm, vcpu_ioctls_in_each_state)
{
	struct kvm_vcpu *vcpus[2];
	int i;

	self->vm = vm_create_kind(VM_REALM, 2, guest_step_then_off, vcpus);
	EXPECT_TRUE(check_vcpu_ioctls(vcpus[0], STATE_NEVER_RUN));
	vm_launch(self->vm);
	EXPECT_TRUE(check_vcpu_ioctls(vcpus[0], STATE_NEVER_RUN));

	/* A REC exists for each vCPU once one has run. */
	expect_sync(vcpus[0], 0);
	EXPECT_TRUE(check_vcpu_ioctls(vcpus[0], STATE_ACTIVE));
	EXPECT_TRUE(check_vcpu_ioctls(vcpus[1], STATE_ACTIVE));

	expect_system_off(vcpus[0]);
	for (i = 0; i < 2; i++) {
		EXPECT_TRUE(check_vcpu_ioctls(vcpus[0], STATE_OFF));
		EXPECT_TRUE(check_vcpu_ioctls(vcpus[1], STATE_OFF));

		/* That was the end, for all vCPUs: stopped, until a signal comes. */
		EXPECT_ERRNO(EINTR, run_with_timeout(vcpus[i]));
	}
}

/* X0-X7 and PC, the parameters of the realm, and nothing else. */
TEST_F(realm, register_list)
{
	const u64 dfr0 = KVM_ARM64_SYS_REG(SYS_ID_AA64DFR0_EL1);
	struct kvm_reg_list *list;
	struct kvm_vcpu *vcpu;
	u64 gprs = 0, others = 0;
	u32 i;

	self->vm = create_realm(&vcpu, guest_done);
	list = vcpu_get_reg_list(vcpu);
	for (i = 0; i < list->n; i++) {
		const u64 id = list->reg[i];

		if (id >= ARM64_CORE_REG(regs.regs[0]) && id <= ARM64_CORE_REG(regs.regs[30]))
			gprs |= BIT_ULL((id - ARM64_CORE_REG(regs.regs[0])) / 2);
		else if (id != PC && id != dfr0)
			others++;
		EXPECT_EQ(0, set_reg(vcpu, id)) {
			TH_LOG("register 0x%lx: %s", id, strerror(errno));
		}
	}
	EXPECT_EQ(BIT_ULL(8) - 1, gprs);
	EXPECT_EQ(0, others);
	EXPECT_EQ(10, list->n);
	free(list);

	vm_launch(self->vm);
	expect_done(vcpu);
}

/* Every ioctl there is, with nonsense, in every state. The host must survive. */

static const unsigned long all_vm_ioctls[] = {
	KVM_CREATE_VCPU, KVM_GET_DIRTY_LOG, KVM_SET_USER_MEMORY_REGION,
	KVM_SET_USER_MEMORY_REGION2, KVM_CREATE_IRQCHIP, KVM_IRQ_LINE,
	KVM_REGISTER_COALESCED_MMIO, KVM_UNREGISTER_COALESCED_MMIO,
	KVM_SET_GSI_ROUTING, KVM_IRQFD, KVM_IOEVENTFD, KVM_SIGNAL_MSI,
	KVM_CREATE_DEVICE, KVM_ARM_SET_DEVICE_ADDR, KVM_ARM_PREFERRED_TARGET,
	KVM_ENABLE_CAP, KVM_CLEAR_DIRTY_LOG, KVM_ARM_MTE_COPY_TAGS,
	KVM_ARM_SET_COUNTER_OFFSET, KVM_ARM_GET_REG_WRITABLE_MASKS,
	KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR, KVM_HAS_DEVICE_ATTR,
	KVM_SET_MEMORY_ATTRIBUTES, KVM_CREATE_GUEST_MEMFD,
	KVM_RESET_DIRTY_RINGS, KVM_GET_STATS_FD, KVM_ARM_RMI_POPULATE,
};

static const unsigned long all_vcpu_ioctls[] = {
	KVM_GET_REGS, KVM_SET_REGS, KVM_GET_SREGS, KVM_SET_SREGS,
	KVM_TRANSLATE, KVM_INTERRUPT, KVM_SET_SIGNAL_MASK, KVM_GET_FPU, KVM_SET_FPU,
	KVM_GET_MP_STATE, KVM_SET_MP_STATE, KVM_SET_GUEST_DEBUG,
	KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS, KVM_ENABLE_CAP,
	KVM_GET_ONE_REG, KVM_SET_ONE_REG, KVM_GET_REG_LIST, KVM_ARM_VCPU_INIT,
	KVM_ARM_VCPU_FINALIZE, KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR,
	KVM_HAS_DEVICE_ATTR, KVM_IRQ_LINE, KVM_GET_STATS_FD,
	KVM_PRE_FAULT_MEMORY, KVM_KVMCLOCK_CTRL,
};

static void try_all_ioctls(int fd, const unsigned long *cmds, u32 nr)
{
	static u8 args[SZ_16K];
	const int fills[] = { 0x00, 0xff, 0x01, 0x10 };
	u32 i, fill;

	for (i = 0; i < nr; i++) {
		for (fill = 0; fill < ARRAY_SIZE(fills); fill++) {
			int ret;

			memset(args, fills[fill], sizeof(args));
			ret = ioctl(fd, cmds[i], args);
			/* Some of them make file descriptors. */
			if (ret > 2 && (cmds[i] == KVM_CREATE_GUEST_MEMFD ||
					cmds[i] == KVM_GET_STATS_FD))
				close(ret);
		}
	}
}

static void try_all(struct kvm_vm *vm, struct kvm_vcpu *vcpus[2])
{
	int i;

	for (i = 0; i < 2; i++)
		try_all_ioctls(vcpus[i]->fd, all_vcpu_ioctls, ARRAY_SIZE(all_vcpu_ioctls));
	try_all_ioctls(vm->fd, all_vm_ioctls, ARRAY_SIZE(all_vm_ioctls));
}

FIXTURE(nonsense) {
	struct kvm_vm *vm;
};

FIXTURE_VARIANT(nonsense) {
	bool launch;
	bool run;
	bool off;
};

FIXTURE_VARIANT_ADD(nonsense, empty) {
};

FIXTURE_VARIANT_ADD(nonsense, launched) {
	.launch = true,
};

FIXTURE_VARIANT_ADD(nonsense, active) {
	.launch = true,
	.run = true,
};

FIXTURE_VARIANT_ADD(nonsense, off) {
	.launch = true,
	.run = true,
	.off = true,
};

FIXTURE_SETUP(nonsense)
{
	SKIP_WITHOUT_REALMS(return, VM_REALM);
}

FIXTURE_TEARDOWN(nonsense)
{
	kvm_vm_free(self->vm);
}

TEST_F(nonsense, h16_all_ioctls)
{
	struct kvm_vcpu *vcpus[2];

	self->vm = vm_create_kind(VM_REALM, 2, guest_step_then_off, vcpus);
	add_test_slot(self->vm);
	if (variant->launch)
		vm_launch(self->vm);
	if (variant->run)
		expect_sync(vcpus[0], 0);
	if (variant->off)
		expect_system_off(vcpus[0]);

	try_all(self->vm, vcpus);

	/* That has removed memory, among others. KVM_RUN comes back from it. */
	run_with_timeout(vcpus[0]);
	run_with_timeout(vcpus[1]);
}

/* A vCPU that was never even initialised */
TEST_F(realm, ioctls_of_an_uninitialised_vcpu)
{
	struct kvm_vcpu *vcpu;

	self->vm = ____vm_create(vm_kind_shape(VM_REALM));
	vcpu = __vm_vcpu_add(self->vm, 0);

	EXPECT_ERRNO(ENOEXEC, try_get_x5(vcpu));
	EXPECT_ERRNO(ENOEXEC, try_set_x5(vcpu));
	EXPECT_NE(0, try_set_dabt(vcpu));
	EXPECT_NE(0, try_set_serror(vcpu));
	try_get_events(vcpu);
	try_get_mp_state(vcpu);
	try_set_runnable(vcpu);
	try_set_suspended(vcpu);
	try_guest_debug(vcpu);
	try_all_ioctls(vcpu->fd, all_vcpu_ioctls, ARRAY_SIZE(all_vcpu_ioctls));
}

/* Two vCPUs at once */

static struct {
	u32 turn;
	u32 rounds[2];
} ping_pong;

#define PING_PONG_ROUNDS	2000

static void guest_ping_pong(u64 id)
{
	u32 i;

	for (i = 0; i < PING_PONG_ROUNDS; i++) {
		while (READ_ONCE(ping_pong.turn) != id)
			cpu_relax();
		ping_pong.rounds[id]++;
		dmb(ish);
		WRITE_ONCE(ping_pong.turn, !id);
	}

	GUEST_SYNC1(ping_pong.rounds[id]);
	GUEST_DONE();
}

struct vcpu_thread {
	pthread_t thread;
	struct kvm_vcpu *vcpu;
	int cpu;
	void (*run)(struct kvm_vcpu *vcpu);
};

static void *vcpu_thread(void *arg)
{
	struct vcpu_thread *t = arg;

	pin_self_to_cpu(t->cpu);
	t->run(t->vcpu);
	return NULL;
}

static void start_vcpu(struct vcpu_thread *t, struct kvm_vcpu *vcpu, int cpu,
		       void (*run)(struct kvm_vcpu *vcpu))
{
	*t = (struct vcpu_thread) { .vcpu = vcpu, .cpu = cpu, .run = run };
	TEST_ASSERT(!pthread_create(&t->thread, NULL, vcpu_thread, t), "pthread_create");
}

static void run_ping_pong(struct kvm_vcpu *vcpu)
{
	struct ucall uc;

	expect_ucall(vcpu, UCALL_SYNC, &uc);
	TEST_ASSERT_EQ(uc.args[0], PING_PONG_ROUNDS);
	expect_done(vcpu);
}

TEST_F(kinds, two_vcpus_at_once)
{
	struct vcpu_thread threads[2];
	struct kvm_vcpu *vcpus[2];
	int i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two CPUs");

	self->vm = vm_create_kind(variant->kind, 2, guest_ping_pong, vcpus);
	for (i = 0; i < 2; i++)
		vcpu_args_set(vcpus[i], 1, (u64)i);
	vm_launch(self->vm);

	for (i = 0; i < 2; i++)
		start_vcpu(&threads[i], vcpus[i], i, run_ping_pong);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i].thread, NULL);
}

/* What the host wrote is what the guest finds, and the guest is where it says */

static struct {
	u64 words[64];
} launch_data;

static void guest_check_launch(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5,
			       u64 a6, u64 a7)
{
	const u64 args[] = { a0, a1, a2, a3, a4, a5, a6, a7 };
	u64 i, lower, higher;

	for (i = 0; i < ARRAY_SIZE(args); i++)
		GUEST_ASSERT_EQ(args[i], 0x1111111111111111UL * (i + 1));
	for (i = 0; i < ARRAY_SIZE(launch_data.words); i++)
		GUEST_ASSERT_EQ(launch_data.words[i], ~i << 7);
	GUEST_ASSERT_EQ(guest_get_vcpuid(), 0);

	if (guest_is_realm()) {
		u64 status = rsi_version(FIELD_PREP(RSI_INTERFACE_VERSION_MAJOR, 1),
					 &lower, &higher);

		GUEST_ASSERT_EQ(status, (u64)RSI_SUCCESS);
		GUEST_ASSERT_EQ(FIELD_GET(RSI_INTERFACE_VERSION_MAJOR, lower), 1UL);
	}
	GUEST_DONE();
}

TEST_F(kinds, initial_state)
{
	struct kvm_vcpu *vcpu;
	u64 i;

	self->vm = vm_create_kind(variant->kind, 1, guest_check_launch, &vcpu);
	for (i = 0; i < ARRAY_SIZE(launch_data.words); i++)
		launch_data.words[i] = ~i << 7;
	sync_global_to_guest(self->vm, launch_data);
	vcpu_args_set(vcpu, 8, 0x1111111111111111UL, 0x2222222222222222UL,
		      0x3333333333333333UL, 0x4444444444444444UL,
		      0x5555555555555555UL, 0x6666666666666666UL,
		      0x7777777777777777UL, 0x8888888888888888UL);
	vm_launch(self->vm);
	expect_done(vcpu);
}

/*
 * The registers a vCPU starts with. Code that runs before the stub of the library
 * stores them, in the page that it is copied to.
 */

#define START_REGS_OFFSET	0x200

/* X0 to X30, then where to go on, with which X0. */
struct start_regs {
	u64 x[31];
	u64 entry;
	u64 arg;
};

extern const char start_regs_stub[], start_regs_stub_end[];

asm(
"	.pushsection .rodata\n"
"	.balign	8\n"
"start_regs_stub:\n"
"	msr	tpidr_el1, x30\n"
"	adr	x30, . - 4 + " __stringify(START_REGS_OFFSET) "\n"
"	stp	x0, x1, [x30]\n"
"	stp	x2, x3, [x30, #16]\n"
"	stp	x4, x5, [x30, #32]\n"
"	stp	x6, x7, [x30, #48]\n"
"	stp	x8, x9, [x30, #64]\n"
"	stp	x10, x11, [x30, #80]\n"
"	stp	x12, x13, [x30, #96]\n"
"	stp	x14, x15, [x30, #112]\n"
"	stp	x16, x17, [x30, #128]\n"
"	stp	x18, x19, [x30, #144]\n"
"	stp	x20, x21, [x30, #160]\n"
"	stp	x22, x23, [x30, #176]\n"
"	stp	x24, x25, [x30, #192]\n"
"	stp	x26, x27, [x30, #208]\n"
"	stp	x28, x29, [x30, #224]\n"
"	mrs	x0, tpidr_el1\n"
"	str	x0, [x30, #240]\n"
"	ldp	x16, x0, [x30, #248]\n"
"	br	x16\n"
"start_regs_stub_end:\n"
"	.popsection\n"
);

#define START_REG(_n)	(0x0123456789abcdefUL * ((_n) + 1))

static void guest_check_start_regs(const struct start_regs *regs)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(regs->x); i++)
		GUEST_ASSERT_EQ(regs->x[i], i < 8 ? START_REG(i) : 0UL);
	GUEST_DONE();
}

TEST_F(kinds, registers_at_start)
{
	struct start_regs *regs;
	struct kvm_vcpu *vcpu;
	gpa_t page;
	void *hva;
	int i;

	self->vm = vm_create_kind(variant->kind, 1, guest_check_start_regs, &vcpu);
	page = vm_alloc_identity_page(self->vm);
	hva = addr_gpa2hva(self->vm, page);
	memcpy(hva, start_regs_stub, start_regs_stub_end - start_regs_stub);
	regs = hva + START_REGS_OFFSET;
	regs->entry = vcpu_boot_entry(vcpu);
	regs->arg = vcpu_boot_arg(vcpu);
	vcpu_args_set(vcpu, 1, page + START_REGS_OFFSET);

	for (i = 0; i < 8; i++)
		vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.regs[0]) + 2 * i, START_REG(i));
	vcpu_set_reg(vcpu, PC, page);
	vm_launch(self->vm);
	expect_done(vcpu);
}

/* The numbers of breakpoints and watchpoints are all that can be chosen. */

#define DFR0			KVM_ARM64_SYS_REG(SYS_ID_AA64DFR0_EL1)
#define DFR0_PARAMS		(ID_AA64DFR0_EL1_BRPs_MASK | ID_AA64DFR0_EL1_WRPs_MASK)

static void guest_report_dfr0(void)
{
	GUEST_SYNC(read_sysreg(id_aa64dfr0_el1));
	GUEST_DONE();
}

static int set_breakpoints(struct kvm_vcpu *vcpu, u64 brps, u64 wrps)
{
	u64 dfr0 = vcpu_get_reg(vcpu, DFR0) & ~DFR0_PARAMS;

	return __vcpu_set_reg(vcpu, DFR0, dfr0 |
			      SYS_FIELD_PREP(ID_AA64DFR0_EL1, BRPs, brps) |
			      SYS_FIELD_PREP(ID_AA64DFR0_EL1, WRPs, wrps));
}

TEST_F(realm, breakpoints)
{
	struct kvm_vcpu *vcpu;
	struct ucall uc;
	u64 dfr0, brps, wrps;

	self->vm = create_realm(&vcpu, guest_report_dfr0);
	dfr0 = vcpu_get_reg(vcpu, DFR0);
	brps = SYS_FIELD_GET(ID_AA64DFR0_EL1, BRPs, dfr0);
	wrps = SYS_FIELD_GET(ID_AA64DFR0_EL1, WRPs, dfr0);

	/* What it has at first is the most there can be. */
	EXPECT_ERRNO(EINVAL, set_breakpoints(vcpu, 0, wrps));
	EXPECT_ERRNO(EINVAL, set_breakpoints(vcpu, brps, 0));
	if (brps < 15)
		EXPECT_ERRNO(EINVAL, set_breakpoints(vcpu, brps + 1, wrps));
	if (wrps < 15)
		EXPECT_ERRNO(EINVAL, set_breakpoints(vcpu, brps, wrps + 1));

	/* One of each fewer, where there is more than the least: two. */
	brps = max(brps - 1, 1UL);
	wrps = max(wrps - 1, 1UL);
	EXPECT_EQ(0, set_breakpoints(vcpu, brps, wrps));
	dfr0 = vcpu_get_reg(vcpu, DFR0);

	vm_launch(self->vm);
	expect_ucall(vcpu, UCALL_SYNC, &uc);
	EXPECT_EQ(dfr0 & DFR0_PARAMS, uc.args[1] & DFR0_PARAMS);
	expect_done(vcpu);
}

TEST_F(realm, writable_register_fields)
{
	static u64 masks[KVM_ARM_FEATURE_ID_RANGE_SIZE];
	struct reg_mask_range range = { .addr = (u64)masks };
	const u32 dfr0 = KVM_ARM_FEATURE_ID_RANGE_IDX(3, 0, 0, 5, 0);
	struct kvm_vcpu *vcpu;
	u32 i;

	self->vm = create_realm(&vcpu, guest_done);
	ASSERT_EQ(0, __vm_ioctl(self->vm, KVM_ARM_GET_REG_WRITABLE_MASKS, &range));
	for (i = 0; i < ARRAY_SIZE(masks); i++)
		EXPECT_EQ(i == dfr0 ? DFR0_PARAMS : 0, masks[i]);
}

/* Memory of a device: the first thing in the machine that is not its RAM. */
static void *map_device(size_t size)
{
	FILE *iomem = fopen("/proc/iomem", "r");
	u64 start = 0, end;
	void *device;
	char line[256];
	int fd;

	TEST_ASSERT(iomem, "/proc/iomem: %s", strerror(errno));
	while (fgets(line, sizeof(line), iomem)) {
		if (line[0] != ' ' && !strstr(line, "System RAM") &&
		    sscanf(line, "%lx-%lx", &start, &end) == 2 && start)
			break;
	}
	fclose(iomem);

	fd = open("/dev/mem", O_RDWR);
	if (fd < 0)
		return MAP_FAILED;
	device = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, start & ~(size - 1));
	close(fd);
	return device;
}

TEST_F(kinds, memslot_of_a_device)
{
	struct kvm_userspace_memory_region2 region = {
		.slot = TEST_SLOT,
		.flags = KVM_MEM_READONLY,
		.guest_phys_addr = TEST_GPA,
	};
	struct kvm_vcpu *vcpu;
	void *device;

	device = map_device(getpagesize());
	if (device == MAP_FAILED)
		SKIP(return, "/dev/mem: %s", strerror(errno));

	self->vm = vm_create_kind(variant->kind, 1, guest_done, &vcpu);
	region.memory_size = self->vm->page_size;
	region.userspace_addr = (u64)device;
	if (variant->kind == VM_REALM)
		EXPECT_ERRNO(EINVAL, __vm_ioctl(self->vm, KVM_SET_USER_MEMORY_REGION2, &region));
	else
		EXPECT_EQ(0, __vm_ioctl(self->vm, KVM_SET_USER_MEMORY_REGION2, &region));
}

/* Memory of the shared half */

#define SHARED_WORDS	512

static u64 *shared_words;

static void guest_shared(void)
{
	u64 i;

	/* Reads first: nobody has written these pages yet. */
	for (i = 0; i < 4 * SHARED_WORDS; i++)
		GUEST_ASSERT_EQ(READ_ONCE(shared_words[i]), 0UL);
	for (i = 0; i < 4 * SHARED_WORDS; i++)
		WRITE_ONCE(shared_words[i], i ^ 0xabcdUL << 40);
	GUEST_SYNC(0);

	for (i = 0; i < 4 * SHARED_WORDS; i++)
		GUEST_ASSERT_EQ(READ_ONCE(shared_words[i]), ~i);
	GUEST_DONE();
}

TEST_F(kinds, shared_memory)
{
	struct kvm_vcpu *vcpu;
	gva_t gva;
	u64 *hva;
	u64 i;

	self->vm = vm_create_kind(variant->kind, 1, guest_shared, &vcpu);
	gva = vm_alloc_shared(self->vm, 4 * SHARED_WORDS * sizeof(u64), KVM_UTIL_MIN_VADDR,
			      MEM_REGION_TEST_DATA);
	write_guest_global(self->vm, shared_words, (u64 *)gva);
	hva = addr_gva2hva(self->vm, gva);
	vm_launch(self->vm);

	expect_sync(vcpu, 0);
	for (i = 0; i < 4 * SHARED_WORDS; i++)
		ASSERT_EQ(i ^ 0xabcdUL << 40, READ_ONCE(hva[i]));
	for (i = 0; i < 4 * SHARED_WORDS; i++)
		WRITE_ONCE(hva[i], ~i);
	expect_done(vcpu);
}

/* Private and shared memory change places at the realm's wish */

static u64 *const private_page = (u64 *)PRIVATE_GVA;
static u64 *const shared_page = (u64 *)SHARED_GVA;

static void guest_expect_ripas(u64 ripas)
{
	const gpa_t top = TEST_GPA + TEST_PAGES * SZ_4K;
	gpa_t next;
	u64 got;

	GUEST_ASSERT_EQ(rsi_ipa_state_get(TEST_GPA, top, &next, &got), RSI_SUCCESS);
	GUEST_ASSERT_EQ(got, ripas);
	GUEST_ASSERT_EQ(next, top);
}

static void guest_set_ripas(u64 ripas)
{
	const gpa_t top = TEST_GPA + TEST_PAGES * SZ_4K;

	GUEST_ASSERT_EQ(rsi_set_ripas(TEST_GPA, top, ripas), RSI_SUCCESS);
	guest_expect_ripas(ripas);
}

static void guest_convert(void)
{
	const u64 nr = TEST_PAGES * SZ_4K / sizeof(u64);
	u64 i, round;

	for (round = 0; round < 3; round++) {
		guest_set_ripas(RSI_RIPAS_RAM);
		for (i = 0; i < nr; i++)
			WRITE_ONCE(private_page[i], ~i * 3 + round);
		for (i = 0; i < nr; i++)
			GUEST_ASSERT_EQ(READ_ONCE(private_page[i]), ~i * 3 + round);
		GUEST_SYNC(2 * round);

		guest_set_ripas(RSI_RIPAS_EMPTY);
		for (i = 0; i < nr; i++)
			GUEST_ASSERT_EQ(READ_ONCE(shared_page[i]), i * 5 + round);
		for (i = 0; i < nr; i++)
			WRITE_ONCE(shared_page[i], i * 7 + round);
		GUEST_SYNC(2 * round + 1);
	}
	GUEST_DONE();
}

/*
 * Run until a ucall, and do what the realm wants to have done to its memory.
 * Returns the number of bytes that changed sides.
 */
static u64 run_and_convert(struct kvm_vcpu *vcpu, bool to_private)
{
	struct kvm_run *run = vcpu->run;
	u64 converted = 0;
	int err;

	for (;;) {
		err = vcpu_run_errno(vcpu);
		if (err != EFAULT)
			break;

		TEST_ASSERT_EQ(run->exit_reason, KVM_EXIT_MEMORY_FAULT);
		TEST_ASSERT_EQ(run->memory_fault.flags,
			       to_private ? KVM_MEMORY_EXIT_FLAG_PRIVATE : 0);
		TEST_ASSERT(run->memory_fault.gpa >= TEST_GPA &&
			    run->memory_fault.gpa + run->memory_fault.size <=
			    TEST_GPA + test_size(vcpu->vm),
			    "Memory fault at 0x%llx, size 0x%llx",
			    run->memory_fault.gpa, run->memory_fault.size);
		vm_set_memory_attributes(vcpu->vm, run->memory_fault.gpa,
					 run->memory_fault.size,
					 to_private ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0);
		converted += run->memory_fault.size;
	}
	TEST_ASSERT(!err, "KVM_RUN: %s", strerror(err));

	return converted;
}

static void expect_stage(struct kvm_vcpu *vcpu, u64 stage)
{
	struct ucall uc;

	if (get_ucall(vcpu, &uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(uc);
	TEST_ASSERT_EQ(uc.cmd, UCALL_SYNC);
	TEST_ASSERT_EQ(uc.args[1], stage);
}

TEST_F(realm, ripas_and_conversion)
{
	u64 i, round, nr, *hva;
	struct kvm_vcpu *vcpu;

	self->vm = create_realm(&vcpu, guest_convert);
	if (self->vm->page_size != SZ_4K)
		SKIP(return, "written for pages of 4 KB");

	add_test_slot(self->vm);
	vm_mem_set_shared(self->vm, TEST_GPA, test_size(self->vm));
	virt_map_private(self->vm, PRIVATE_GVA, TEST_GPA, TEST_PAGES);
	virt_map_shared(self->vm, SHARED_GVA, TEST_GPA, TEST_PAGES);
	vm_launch(self->vm);

	hva = test_hva(self->vm);
	nr = test_size(self->vm) / sizeof(u64);
	for (round = 0; round < 3; round++) {
		/* What the host has of the page is no business of the realm's. */
		for (i = 0; i < nr; i++)
			hva[i] = i * 5 + round;

		ASSERT_EQ(test_size(self->vm), run_and_convert(vcpu, true));
		expect_stage(vcpu, 2 * round);
		for (i = 0; i < nr; i++)
			ASSERT_EQ(i * 5 + round, hva[i]);

		ASSERT_EQ(test_size(self->vm), run_and_convert(vcpu, false));
		expect_stage(vcpu, 2 * round + 1);
		for (i = 0; i < nr; i++)
			ASSERT_EQ(i * 7 + round, hva[i]);
	}
	expect_done(vcpu);
}

/* Calls to the host */

static struct rsi_host_call host_call __aligned(256);

static void guest_smccc(u32 fid, u64 arg, struct arm_smccc_res *res)
{
	if (!guest_is_realm()) {
		smccc_hvc(fid, arg, 0, 0, 0, 0, 0, 0, res);
		return;
	}

	host_call = (struct rsi_host_call) { .gprs = { fid, arg } };
	GUEST_ASSERT_EQ(rsi_host_call(&host_call), RSI_SUCCESS);
	res->a0 = host_call.gprs[0];
	res->a1 = host_call.gprs[1];
	res->a2 = host_call.gprs[2];
	res->a3 = host_call.gprs[3];
}

#define SMCCC_VERSION_FUNC		0x80000000
#define SMCCC_VENDOR_HYP_CALL_UID	0x8600ff01
#define SMCCC_NOT_A_FUNCTION		0x86001234

static void guest_host_call(void)
{
	struct arm_smccc_res res;

	guest_smccc(SMCCC_VERSION_FUNC, 0, &res);
	GUEST_SYNC2(SMCCC_VERSION_FUNC, res.a0);
	guest_smccc(SMCCC_VENDOR_HYP_CALL_UID, 0, &res);
	GUEST_SYNC5(SMCCC_VENDOR_HYP_CALL_UID, res.a0, res.a1, res.a2, res.a3);
	guest_smccc(SMCCC_NOT_A_FUNCTION, 7, &res);
	GUEST_SYNC2(SMCCC_NOT_A_FUNCTION, res.a0);
	GUEST_DONE();
}

TEST_F(kinds, host_call)
{
	/* KVM's UID, "28b46fb6-2ec5-11e9-a9ca-4b564d003a74". */
	static const u32 kvm_uid[] = { 0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004d };
	struct kvm_vcpu *vcpu;
	struct ucall uc;
	int i;

	self->vm = vm_create_kind(variant->kind, 1, guest_host_call, &vcpu);
	vm_launch(self->vm);

	expect_ucall(vcpu, UCALL_SYNC, &uc);
	EXPECT_EQ(SMCCC_VERSION_FUNC, uc.args[0]);
	EXPECT_EQ(0x10001, uc.args[1]);
	expect_ucall(vcpu, UCALL_SYNC, &uc);
	for (i = 0; i < ARRAY_SIZE(kvm_uid); i++)
		EXPECT_EQ(kvm_uid[i], uc.args[1 + i]);
	expect_ucall(vcpu, UCALL_SYNC, &uc);
	EXPECT_EQ(-1UL, uc.args[1]);
	expect_done(vcpu);
}

/* PSCI */

static u32 secondary_alive;

static void guest_secondary(u64 arg)
{
	GUEST_ASSERT_EQ(arg, 0x5ec0UL);
	GUEST_ASSERT_EQ(guest_get_vcpuid(), 1);
	GUEST_ASSERT_EQ(read_sysreg(mpidr_el1) & 0xff, 1UL);
	WRITE_ONCE(secondary_alive, 1);
	while (READ_ONCE(secondary_alive) != 2)
		cpu_relax();
	guest_psci(PSCI_0_2_FN_CPU_OFF, 0, 0, 0);
	GUEST_FAIL("CPU_OFF returned");
}

static void guest_primary(u64 entry, u64 context)
{
	int round;

	GUEST_ASSERT_EQ(guest_psci(PSCI_0_2_FN64_AFFINITY_INFO, 1, 0, 0),
			(u64)PSCI_0_2_AFFINITY_LEVEL_OFF);
	GUEST_ASSERT_EQ(guest_psci(PSCI_0_2_FN64_AFFINITY_INFO, 0, 0, 0),
			(u64)PSCI_0_2_AFFINITY_LEVEL_ON);
	GUEST_ASSERT_EQ((int)guest_psci(PSCI_0_2_FN64_CPU_ON, 0, entry, context),
			PSCI_RET_ALREADY_ON);
	GUEST_ASSERT_EQ((int)guest_psci(PSCI_0_2_FN64_CPU_ON, 7, entry, context),
			PSCI_RET_INVALID_PARAMS);

	for (round = 0; round < 3; round++) {
		WRITE_ONCE(secondary_alive, 0);
		GUEST_ASSERT_EQ((int)guest_psci(PSCI_0_2_FN64_CPU_ON, 1, entry, context),
				PSCI_RET_SUCCESS);
		while (!READ_ONCE(secondary_alive))
			cpu_relax();
		GUEST_ASSERT_EQ(guest_psci(PSCI_0_2_FN64_AFFINITY_INFO, 1, 0, 0),
				(u64)PSCI_0_2_AFFINITY_LEVEL_ON);
		GUEST_ASSERT_EQ((int)guest_psci(PSCI_0_2_FN64_CPU_ON, 1, entry, context),
				PSCI_RET_ALREADY_ON);
		WRITE_ONCE(secondary_alive, 2);
		while (guest_psci(PSCI_0_2_FN64_AFFINITY_INFO, 1, 0, 0) !=
		       PSCI_0_2_AFFINITY_LEVEL_OFF)
			cpu_relax();
	}
	GUEST_SYNC(round);

	guest_psci(PSCI_0_2_FN_SYSTEM_OFF, 0, 0, 0);
	GUEST_FAIL("SYSTEM_OFF returned");
}

static void run_primary(struct kvm_vcpu *vcpu)
{
	expect_sync(vcpu, 3);
	expect_system_off(vcpu);
}

/* Blocked in KVM_RUN while it is off; a signal from the main thread ends it. */
static void run_secondary(struct kvm_vcpu *vcpu)
{
	struct ucall uc;
	int ret;

	ret = __vcpu_run(vcpu);
	if (!ret && get_ucall(vcpu, &uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(uc);
	if (!ret)
		return;
	TEST_ASSERT(errno == EINTR, "Secondary vCPU: %s", strerror(errno));
}

TEST_F(kinds, psci)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct kvm_mp_state off = { .mp_state = KVM_MP_STATE_STOPPED };
	struct vcpu_thread threads[2];
	struct kvm_vcpu *vcpus[2];

	self->vm = vm_create_kind(variant->kind, 2, guest_primary, vcpus);
	vcpu_arch_set_entry_point(vcpus[1], guest_secondary);
	vcpu_args_set(vcpus[0], 2, vcpu_boot_entry(vcpus[1]), vcpu_boot_arg(vcpus[1]));
	vcpu_args_set(vcpus[1], 1, 0x5ec0UL);
	vcpu_mp_state_set(vcpus[1], &off);
	vm_launch(self->vm);

	sigaction(SIGUSR1, &action, NULL);
	start_vcpu(&threads[1], vcpus[1], 0, run_secondary);
	start_vcpu(&threads[0], vcpus[0], sysconf(_SC_NPROCESSORS_ONLN) > 1, run_primary);
	pthread_join(threads[0].thread, NULL);
	pthread_kill(threads[1].thread, SIGUSR1);
	pthread_join(threads[1].thread, NULL);
}

/* A realm is turned off while the host handles a fault of another vCPU */

static struct kvm_vcpu *vcpu_to_turn_off;
static bool fault_resolved;

static void guest_off_or_load(u64 id)
{
	if (!id)
		guest_step_then_off();

	READ_ONCE(*(u64 *)SHARED_GVA);
	GUEST_FAIL("Still on");
}

/* While KVM waits for the page. */
static int turn_off_then_provide(int uffd_mode, int uffd, struct uffd_msg *msg)
{
	static const u8 contents[SZ_64K];
	const u64 size = getpagesize();
	struct uffdio_copy copy = {
		.dst = msg->arg.pagefault.address & ~(size - 1),
		.src = (u64)contents,
		.len = size,
	};

	expect_system_off(vcpu_to_turn_off);
	TEST_ASSERT(!ioctl(uffd, UFFDIO_COPY, &copy), "UFFDIO_COPY: %s", strerror(errno));
	WRITE_ONCE(fault_resolved, true);
	return 0;
}

static void run_until_signal(struct kvm_vcpu *vcpu)
{
	int ret = __vcpu_run(vcpu);

	TEST_ASSERT(ret == -1 && errno == EINTR, "KVM_RUN: %d, %s, exit %u", ret,
		    strerror(errno), vcpu->run->exit_reason);
}

TEST_F(realm, off_while_a_fault_is_handled)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct kvm_vcpu *vcpus[2];
	struct vcpu_thread thread;
	struct uffd_desc *uffd;
	int fd, i;

	fd = syscall(__NR_userfaultfd, O_CLOEXEC);
	if (fd < 0)
		SKIP(return, "needs userfaultfd: %s", strerror(errno));
	close(fd);

	self->vm = vm_create_kind(VM_REALM, 2, guest_off_or_load, vcpus);
	for (i = 0; i < 2; i++)
		vcpu_args_set(vcpus[i], 1, (u64)i);
	add_test_slot(self->vm);
	vm_mem_set_shared(self->vm, TEST_GPA, test_size(self->vm));
	virt_map_shared(self->vm, SHARED_GVA, TEST_GPA, TEST_PAGES);
	vm_launch(self->vm);
	expect_sync(vcpus[0], 0);

	vcpu_to_turn_off = vcpus[0];
	uffd = uffd_setup_demand_paging(UFFDIO_REGISTER_MODE_MISSING, 0, test_hva(self->vm),
					test_size(self->vm), 1, turn_off_then_provide);
	sigaction(SIGUSR1, &action, NULL);
	start_vcpu(&thread, vcpus[1], 0, run_until_signal);
	while (!READ_ONCE(fault_resolved))
		usleep(1000);

	/* It has to stop like all vCPUs of a realm that is off. */
	usleep(100000);
	pthread_kill(thread.thread, SIGUSR1);
	pthread_join(thread.thread, NULL);
	uffd_stop_demand_paging(uffd);
}

/* Nothing stays behind */

static void one_realm(void)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;

	vm = create_realm(&vcpu, guest_steps);
	add_test_slot(vm);
	vm_launch(vm);
	expect_sync(vcpu, 0);
	expect_sync(vcpu, 1);
	kvm_vm_free(vm);
}

/* Free pages come and go a little; ten realms of 2 MB and more do not hide. */
#define NR_REALMS	10
#define MEM_NOISE_KB	4096

TEST_F_TIMEOUT(realm, ten_in_a_row_leave_nothing, 300)
{
	const char *reason = NULL;
	long mem_before, granules_before;
	int i;

	for (i = 0; i < 2; i++)
		one_realm();
	granules_before = rmm_delegated_granules(&reason);
	mem_before = mem_free_kb();

	for (i = 0; i < NR_REALMS; i++)
		one_realm();

	EXPECT_LT(mem_before - MEM_NOISE_KB, mem_free_kb());

	if (granules_before < 0)
		SKIP(return, "delegated granules not checked: %s", reason);
	EXPECT_EQ(granules_before, rmm_delegated_granules(&reason));
}

TEST(no_realm_without_rmm)
{
	if (kvm_supports_realms(NULL))
		SKIP(return, "there is an RMM");

	EXPECT_ERRNO(EINVAL, try_create_vm(KVM_VM_TYPE_ARM_REALM));
	EXPECT_EQ(0, kvm_check_cap(KVM_CAP_MEMORY_ATTRIBUTES));
}

int main(int argc, char *argv[])
{
	return realm_harness_run(argc, argv);
}
