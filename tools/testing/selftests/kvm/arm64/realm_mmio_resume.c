// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_mmio_resume - What happens between an MMIO exit and its completion
 *
 * KVM_RUN may return many times before the vCPU is really entered again. Every
 * value must get to the other side exactly once whatever the VMM does, and the
 * RMM answers, in between. In a realm VM, and as the control in an ordinary one.
 *
 * Cases are named after the line of the contract they prove, see
 * Documentation/virt/kvm/arm/realm.rst.
 */
#include <linux/psci.h>
#include <linux/sizes.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/time.h>

#include "kvm_test_harness.h"
#include "processor.h"
#include "realm.h"
#include "test_util.h"
#include "vgic.h"

#include "gic.h"
#include "gic_v3.h"

#define DEVICE_GPA	0x0a000000UL
#define DEVICE_GVA	DEVICE_GPA

#define SLOT		10
#define SLOT_GPA	0x40000000UL

/* Sizes and offsets for the nth access. */
#define SIZE(_n)	(1U << (_n) % 4)
#define ADDR(_n)	(DEVICE_GVA + 8 * ((_n) % 64))

FIXTURE(kinds) {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpus[2];
	struct kvm_vcpu *vcpu;
	struct kvm_run *run;
};

FIXTURE_VARIANT_KINDS(kinds);

FIXTURE_SETUP(kinds)
{
	SKIP_WITHOUT_REALMS(return, variant->kind);

	self->vm = vm_create_agents(variant->kind, 2, self->vcpus);
	virt_map(self->vm, DEVICE_GVA, DEVICE_GPA, 1);
	self->vcpu = self->vcpus[0];
	self->run = self->vcpu->run;
	vm_launch(self->vm);
}

FIXTURE_TEARDOWN(kinds)
{
	kvm_vm_free(self->vm);
}

static u64 truncate_to(u64 value, u32 size)
{
	return size == 8 ? value : value & (BIT_ULL(8 * size) - 1);
}

/* Different for every n, in each of its bytes. */
static u64 pattern(u32 n)
{
	return 0x0102030405060708UL * (n + 1) ^ 0xa5a5a5a5a5a5a5a5UL;
}

static void expect_mmio(struct kvm_vcpu *vcpu, u32 n, bool is_write)
{
	struct kvm_run *run = vcpu->run;
	u64 data = 0;

	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_MMIO);
	TEST_ASSERT_EQ(run->mmio.phys_addr, ADDR(n));
	TEST_ASSERT_EQ(run->mmio.len, SIZE(n));
	TEST_ASSERT_EQ(run->mmio.is_write, is_write);
	if (!is_write)
		return;

	memcpy(&data, run->mmio.data, SIZE(n));
	TEST_ASSERT_EQ(data, truncate_to(pattern(n), SIZE(n)));
}

/* Start the nth access and go to its exit. */
static void start_load(struct kvm_vcpu *vcpu, u32 n)
{
	agent_set_load(vcpu, ADDR(n), SIZE(n));
	TEST_ASSERT(!agent_run(vcpu), "A load without an exit");
	expect_mmio(vcpu, n, false);
}

static void start_store(struct kvm_vcpu *vcpu, u32 n)
{
	agent_set_store(vcpu, ADDR(n), SIZE(n), pattern(n));
	TEST_ASSERT(!agent_run(vcpu), "A store without an exit");
	expect_mmio(vcpu, n, true);
}

static void set_data(struct kvm_vcpu *vcpu, u64 value)
{
	memcpy(vcpu->run->mmio.data, &value, sizeof(value));
}

/* It must be done now, without a second exit. */
static void expect_end(struct kvm_vcpu *vcpu, u64 nr_done)
{
	TEST_ASSERT(agent_run(vcpu), "A second exit: %u, mmio at 0x%llx",
		    vcpu->run->exit_reason, vcpu->run->mmio.phys_addr);
	TEST_ASSERT_EQ(agent_answer(vcpu)->nr_done, nr_done);
}

static void expect_loaded(struct kvm_vcpu *vcpu, u32 n, u64 nr_done)
{
	expect_end(vcpu, nr_done);
	TEST_ASSERT_EQ(agent_answer(vcpu)->value, truncate_to(pattern(n), SIZE(n)));
}

/* The first KVM_RUN takes the data, whether it enters the vCPU or not. */
TEST_F(kinds, h07_immediate_exit)
{
	u64 done = 0;
	u32 n, i;

	for (n = 0; n < 16; n++) {
		start_load(self->vcpu, n);
		set_data(self->vcpu, pattern(n));
		for (i = 0; i < n % 4 + 1; i++) {
			vcpu_run_complete_io(self->vcpu);
			set_data(self->vcpu, 0xeeeeeeeeeeeeeeeeUL);
		}
		expect_loaded(self->vcpu, n, ++done);

		start_store(self->vcpu, n);
		for (i = 0; i < n % 4 + 1; i++)
			vcpu_run_complete_io(self->vcpu);
		expect_end(self->vcpu, ++done);
	}
}

static void on_signal(int sig)
{
}

/* Have a signal arrive in KVM_RUN, and only there. */
static void set_run_sigmask(struct kvm_vcpu *vcpu)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct {
		struct kvm_signal_mask head;
		u64 sigset;
	} mask = { .head.len = 8 };
	sigset_t block;

	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &block, NULL);
	TEST_ASSERT(!ioctl(vcpu->fd, KVM_SET_SIGNAL_MASK, &mask), "KVM_SET_SIGNAL_MASK");
}

static void consume_signal(void)
{
	const struct timespec now = {};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigtimedwait(&set, NULL, &now);
}

static void run_into_signal(struct kvm_vcpu *vcpu)
{
	pthread_kill(pthread_self(), SIGUSR1);
	TEST_ASSERT(__vcpu_run(vcpu) == -1 && errno == EINTR,
		    "KVM_RUN with a signal pending: %s", strerror(errno));
	TEST_ASSERT_EQ(vcpu->run->exit_reason, KVM_EXIT_INTR);
	consume_signal();
}

TEST_F(kinds, h07_signal_pending)
{
	u64 done = 0;
	u32 n, i;

	set_run_sigmask(self->vcpu);
	for (n = 0; n < 16; n++) {
		start_load(self->vcpu, n);
		set_data(self->vcpu, pattern(n));
		for (i = 0; i < n % 4 + 1; i++) {
			run_into_signal(self->vcpu);
			set_data(self->vcpu, 0xeeeeeeeeeeeeeeeeUL);
		}
		expect_loaded(self->vcpu, n, ++done);

		start_store(self->vcpu, n);
		for (i = 0; i < n % 4 + 1; i++)
			run_into_signal(self->vcpu);
		expect_end(self->vcpu, ++done);
	}
}

/* Like agent_run(), and counts the signals. */
static bool agent_run_count(struct kvm_vcpu *vcpu, u32 *interrupted)
{
	struct ucall uc;

	while (__vcpu_run(vcpu)) {
		TEST_ASSERT(errno == EINTR, "KVM_RUN: %s", strerror(errno));
		(*interrupted)++;
	}

	return get_ucall(vcpu, &uc) == UCALL_SYNC;
}

/* Signals whenever, until enough of them have hit KVM_RUN. */
TEST_F_TIMEOUT(kinds, h07_signals_at_any_time, 240)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct itimerval timer = { { 0, 1500 }, { 0, 1500 } };
	struct itimerval off = {};
	u32 n, interrupted = 0;
	u64 done = 0;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (n = 0; n < 5000 && (interrupted < 50 || n < 500); n++) {
		const bool is_write = n % 3 == 0;

		if (is_write)
			agent_set_store(self->vcpu, ADDR(n), SIZE(n), pattern(n));
		else
			agent_set_load(self->vcpu, ADDR(n), SIZE(n));

		ASSERT_FALSE(agent_run_count(self->vcpu, &interrupted));
		expect_mmio(self->vcpu, n, is_write);
		if (!is_write)
			set_data(self->vcpu, pattern(n));
		ASSERT_TRUE(agent_run_count(self->vcpu, &interrupted));

		ASSERT_EQ(++done, agent_answer(self->vcpu)->nr_done);
		if (!is_write) {
			ASSERT_EQ(truncate_to(pattern(n), SIZE(n)),
				  agent_answer(self->vcpu)->value);
		}
	}
	setitimer(ITIMER_REAL, &off, NULL);
	EXPECT_LE(50, interrupted);
}

/* A VMM that does not say it is done has the access repeated. */
TEST_F(kinds, h12_not_completed)
{
	u64 done = 0;
	u32 n, i;

	for (n = 0; n < 8; n++) {
		start_load(self->vcpu, n);
		for (i = 0; i < n % 3 + 1; i++) {
			set_data(self->vcpu, 0xeeeeeeeeeeeeeeeeUL);
			self->run->exit_reason = KVM_EXIT_UNKNOWN;
			ASSERT_FALSE(agent_run(self->vcpu));
			expect_mmio(self->vcpu, n, false);
		}
		set_data(self->vcpu, pattern(n));
		expect_loaded(self->vcpu, n, ++done);

		start_store(self->vcpu, n);
		for (i = 0; i < n % 3 + 1; i++) {
			self->run->exit_reason = KVM_EXIT_UNKNOWN;
			ASSERT_FALSE(agent_run(self->vcpu));
			expect_mmio(self->vcpu, n, true);
		}
		expect_end(self->vcpu, ++done);
	}
}

/* The VMM writes on what it was told: that changes nothing. */
TEST_F(kinds, h12_kvm_run_scribbled_on)
{
	u64 done = 0;
	u32 n;

	for (n = 0; n < 8; n++) {
		start_load(self->vcpu, n);
		set_data(self->vcpu, pattern(n));
		self->run->mmio.phys_addr = ~0UL;
		expect_loaded(self->vcpu, n, ++done);

		start_store(self->vcpu, n);
		set_data(self->vcpu, 0xeeeeeeeeeeeeeeeeUL);
		self->run->mmio.phys_addr = 0;
		expect_end(self->vcpu, ++done);
	}
}

TEST_F(kinds, h07_other_cpu)
{
	u64 done = 0;
	u32 n;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two CPUs");

	for (n = 0; n < 32; n++) {
		pin_self_to_cpu(n & 1);
		start_load(self->vcpu, n);
		set_data(self->vcpu, pattern(n));
		pin_self_to_cpu(!(n & 1));
		if (n & 2)
			vcpu_run_complete_io(self->vcpu);
		pin_self_to_cpu(n & 1);
		expect_loaded(self->vcpu, n, ++done);

		start_store(self->vcpu, n);
		pin_self_to_cpu(!(n & 1));
		expect_end(self->vcpu, ++done);
	}
}

struct completion {
	struct kvm_vcpu *vcpu;
	u32 n;
	u64 done;
};

static void *complete_load(void *arg)
{
	struct completion *c = arg;

	set_data(c->vcpu, pattern(c->n));
	expect_loaded(c->vcpu, c->n, c->done);
	return NULL;
}

TEST_F(kinds, h07_other_thread)
{
	struct completion c = { .vcpu = self->vcpu };
	pthread_t thread;

	for (c.n = 0; c.n < 8; c.n++) {
		start_load(self->vcpu, c.n);
		c.done++;
		TEST_ASSERT(!pthread_create(&thread, NULL, complete_load, &c),
			    "pthread_create");
		pthread_join(thread, NULL);
	}
}

/* A thread that is moved from CPU to CPU all the while, by another one. */

struct mover {
	pid_t tid;
	bool stop;
	u32 nr_moves;
};

static void *move_around(void *arg)
{
	const long nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct mover *mover = arg;
	cpu_set_t cpus;

	while (!READ_ONCE(mover->stop)) {
		CPU_ZERO(&cpus);
		CPU_SET(mover->nr_moves++ % nr_cpus, &cpus);
		TEST_ASSERT(!sched_setaffinity(mover->tid, sizeof(cpus), &cpus),
			    "sched_setaffinity");
		usleep(300);
	}
	return NULL;
}

TEST_F_TIMEOUT(kinds, h07_cpu_changes_all_the_time, 120)
{
	struct mover mover = { .tid = gettid() };
	pthread_t thread;
	u64 done = 0;
	u32 n;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two CPUs");

	ASSERT_EQ(0, pthread_create(&thread, NULL, move_around, &mover));
	for (n = 0; n < 500; n++) {
		start_load(self->vcpu, n);
		set_data(self->vcpu, pattern(n));
		if (n % 3 == 0)
			vcpu_run_complete_io(self->vcpu);
		expect_loaded(self->vcpu, n, ++done);

		start_store(self->vcpu, n);
		expect_end(self->vcpu, ++done);
	}
	WRITE_ONCE(mover.stop, true);
	pthread_join(thread, NULL);
	TH_LOG("%u accesses, %u moves", 2 * n, mover.nr_moves);
	EXPECT_LE(20, mover.nr_moves);
}

/*
 * Everything that may come between the completion of an access and the guest
 * running again, in any order and number. Each takes an access as it is, and
 * leaves it so. What calls KVM_RUN makes it take the data.
 */

static u32 random_below(u32 *state, u32 n)
{
	*state = *state * 1664525 + 1013904223;
	return (*state >> 16) % n;
}

static void nothing_due(struct kvm_vcpu *vcpu)
{
	set_data(vcpu, 0xeeeeeeeeeeeeeeeeUL);
}

static void between_immediate_exit(struct kvm_vcpu *vcpu, u32 n)
{
	vcpu_run_complete_io(vcpu);
	nothing_due(vcpu);
}

static void between_signal(struct kvm_vcpu *vcpu, u32 n)
{
	run_into_signal(vcpu);
	nothing_due(vcpu);
}

static void between_other_cpu(struct kvm_vcpu *vcpu, u32 n)
{
	pin_self_to_cpu(n % sysconf(_SC_NPROCESSORS_ONLN));
}

static void between_interrupt(struct kvm_vcpu *vcpu, u32 n)
{
	kvm_arm_irq_line(vcpu->vm, 40, 1);
	kvm_arm_irq_line(vcpu->vm, 40, 0);
}

static void between_memslot(struct kvm_vcpu *vcpu, u32 n)
{
	vm_userspace_mem_region_add(vcpu->vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA, SLOT, 1, 0);
	vm_mem_region_delete(vcpu->vm, SLOT);
}

static void between_ioctls(struct kvm_vcpu *vcpu, u32 n)
{
	struct kvm_vcpu_events events = {};

	vcpu_events_set(vcpu, &events);
	vcpu_events_get(vcpu, &events);
	TEST_ASSERT_EQ(events.exception.ext_dabt_pending, 0);
	vcpu_get_reg(vcpu, ARM64_CORE_REG(regs.regs[0]));
}

static bool have_faults(struct kvm_vcpu *vcpu)
{
	return vm_is_realm(vcpu->vm) && rmm_has_test_control(NULL);
}

/* The next entry, whenever it comes */
static void between_entry_busy(struct kvm_vcpu *vcpu, u32 n)
{
	const struct rmm_fault fault = {
		.fid = SMC_RMI_REC_ENTER,
		.repeat = 1 + n % 3,
		.response = n & 1 ? RMI_BUSY : RMI_BLOCKED,
	};

	if (have_faults(vcpu))
		rmm_inject(0, &fault);
}

static void between_entry_fails(struct kvm_vcpu *vcpu, u32 n)
{
	const struct rmm_fault fault = {
		.fid = SMC_RMI_REC_ENTER,
		.repeat = 1,
		.response = n & 1 ? RMI_ERROR_INPUT : RMI_ERROR_REC,
	};

	if (!have_faults(vcpu))
		return;
	rmm_inject(1, &fault);
	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_FAIL_ENTRY);
	TEST_ASSERT_EQ(rmm_injected(1), 1);
	nothing_due(vcpu);
}

static void (*const between[])(struct kvm_vcpu *vcpu, u32 n) = {
	between_immediate_exit,
	between_signal,
	between_other_cpu,
	between_interrupt,
	between_memslot,
	between_ioctls,
	between_entry_busy,
	between_entry_fails,
};

TEST_F_TIMEOUT(kinds, h07_h12_anything_in_between, 240)
{
	u32 seed = 0x5eed, seen[ARRAY_SIZE(between)] = {};
	u64 done = 0;
	u32 n, i, nr;

	if (have_faults(self->vcpu))
		rmm_inject_nothing();
	else if (variant->kind == VM_REALM)
		TH_LOG("no test control page: without faults of the RMM");

	set_run_sigmask(self->vcpu);
	for (n = 0; n < 400; n++) {
		if (n & 1) {
			start_store(self->vcpu, n);
		} else {
			start_load(self->vcpu, n);
			set_data(self->vcpu, pattern(n));
		}
		for (nr = random_below(&seed, 6); nr; nr--) {
			i = random_below(&seed, ARRAY_SIZE(between));
			between[i](self->vcpu, n);
			seen[i]++;
		}
		if (n & 1)
			expect_end(self->vcpu, ++done);
		else
			expect_loaded(self->vcpu, n, ++done);
	}

	for (i = 0; i < ARRAY_SIZE(between); i++)
		EXPECT_LE(20, seen[i]) {
			TH_LOG("between[%u]", i);
		}
}

/* Things a VMM does to the VM while a vCPU waits, which concern the vCPU. */
TEST_F(kinds, h07_requests_in_between)
{
	u64 done = 0;
	u32 n;

	for (n = 0; n < 8; n++) {
		start_load(self->vcpu, n);
		set_data(self->vcpu, pattern(n));

		/* Interrupts come and go, stage 2 as well. */
		kvm_arm_irq_line(self->vm, 40, 1);
		vm_userspace_mem_region_add(self->vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA,
					    SLOT, 1, 0);
		if (n & 1)
			vcpu_run_complete_io(self->vcpu);
		vm_mem_region_delete(self->vm, SLOT);
		kvm_arm_irq_line(self->vm, 40, 0);
		if (n & 2)
			vcpu_run_complete_io(self->vcpu);
		expect_loaded(self->vcpu, n, ++done);

		start_store(self->vcpu, n);
		kvm_arm_irq_line(self->vm, 40, 1);
		vm_userspace_mem_region_add(self->vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA,
					    SLOT, 1, 0);
		vm_mem_region_delete(self->vm, SLOT);
		kvm_arm_irq_line(self->vm, 40, 0);
		expect_end(self->vcpu, ++done);
	}
}

/*
 * A memslot appears where the device was, while its access is with the VMM:
 * that one is still completed, the next one is memory.
 */
TEST_F(kinds, h06_h07_memory_takes_the_place)
{
	u64 *hva;
	u32 n;

	start_load(self->vcpu, 0);
	vm_userspace_mem_region_add(self->vm, VM_MEM_SRC_ANONYMOUS, DEVICE_GPA, SLOT, 1, 0);
	hva = addr_gpa2hva(self->vm, DEVICE_GPA);
	hva[0] = 0x1122334455667788UL;
	set_data(self->vcpu, pattern(0));
	expect_loaded(self->vcpu, 0, 1);

	EXPECT_EQ(0x1122334455667788UL, agent_load(self->vcpu, DEVICE_GVA, 8));
	agent_store(self->vcpu, DEVICE_GVA, 4, 0xcafef00d);
	EXPECT_EQ(0x11223344cafef00dUL, hva[0]);

	/* And it goes again. */
	vm_mem_region_delete(self->vm, SLOT);
	for (n = 0; n < 4; n++) {
		start_load(self->vcpu, n);
		set_data(self->vcpu, pattern(n));
		expect_loaded(self->vcpu, n, 4 + n);
	}
}

/* Two vCPUs have an access each, and are completed in either order. */
TEST_F(kinds, h07_two_vcpus_interleaved)
{
	u32 n;

	for (n = 0; n < 16; n++) {
		struct kvm_vcpu *first = self->vcpus[n & 1];
		struct kvm_vcpu *second = self->vcpus[!(n & 1)];

		start_load(self->vcpus[0], n);
		start_load(self->vcpus[1], n + 100);
		set_data(self->vcpus[0], pattern(n));
		set_data(self->vcpus[1], pattern(n + 100));
		expect_loaded(first, first->id ? n + 100 : n, n + 1);
		expect_loaded(second, second->id ? n + 100 : n, n + 1);
	}
}

/* The VM ends with an access in every state it can be in. */
static void end_in_the_middle(enum vm_kind kind, u32 state)
{
	struct kvm_vcpu_events sea = { .exception.ext_dabt_pending = 1 };
	struct kvm_vcpu *vcpus[2];
	struct kvm_vm *vm;

	vm = vm_create_agents(kind, 2, vcpus);
	virt_map(vm, DEVICE_GVA, DEVICE_GPA, 1);
	vm_launch(vm);
	start_load(vcpus[0], 0);
	start_store(vcpus[1], 1);

	switch (state) {
	case 0:
		break;
	case 1:
		vcpu_run_complete_io(vcpus[0]);
		vcpu_run_complete_io(vcpus[1]);
		break;
	case 2:
		vcpu_events_set(vcpus[0], &sea);
		break;
	case 3:
		vcpu_events_set(vcpus[0], &sea);
		vcpu_run_complete_io(vcpus[0]);
		break;
	}
	kvm_vm_free(vm);
}

TEST_F_TIMEOUT(kinds, h13_vm_ends_in_the_middle, 240)
{
	const char *reason = NULL;
	long before;
	u32 i;

	end_in_the_middle(variant->kind, 0);
	before = rmm_delegated_granules(&reason);
	for (i = 0; i < 8; i++)
		end_in_the_middle(variant->kind, i % 4);

	if (before >= 0)
		EXPECT_EQ(before, rmm_delegated_granules(&reason));
}

/*
 * Other guests than the agent
 */

FIXTURE(guests) {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpus[2];
};

FIXTURE_VARIANT_KINDS(guests);

FIXTURE_SETUP(guests)
{
	SKIP_WITHOUT_REALMS(return, variant->kind);
}

FIXTURE_TEARDOWN(guests)
{
	kvm_vm_free(self->vm);
}

static void create_guests(enum vm_kind kind, void *guest_code, struct kvm_vm **vm,
			  struct kvm_vcpu *vcpus[2])
{
	*vm = vm_create_kind(kind, 2, guest_code, vcpus);
	virt_map(*vm, DEVICE_GVA, DEVICE_GPA, 1);
}

static void expect_ucall(struct kvm_vcpu *vcpu, u64 cmd, u64 arg)
{
	struct ucall uc;

	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);
	if (get_ucall(vcpu, &uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(uc);
	TEST_ASSERT(uc.cmd == cmd, "Exit %u (%s), ucall %lu, expected ucall %lu",
		    vcpu->run->exit_reason, exit_reason_str(vcpu->run->exit_reason),
		    uc.cmd, cmd);
	if (cmd == UCALL_SYNC)
		TEST_ASSERT_EQ(uc.args[1], arg);
}

static void expect_exit(struct kvm_vcpu *vcpu, u32 n, bool is_write)
{
	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);
	expect_mmio(vcpu, n, is_write);
}

/* The instruction is stepped over, once, and all else is as it was. */
#define FLAGS_AROUND(_insn, _value, _addr)					\
do {										\
	u64 __before = read_sysreg(daif), __steps = 0, __got;			\
										\
	asm volatile("msr nzcv, %[set]\n"					\
		     _insn "\n"						\
		     "add %[steps], %[steps], #1\n"				\
		     "add %[steps], %[steps], #2\n"				\
		     "mrs %[got], nzcv\n"					\
		     : [value] "+r"(_value), [steps] "+r"(__steps),		\
		       [got] "=&r"(__got)					\
		     : [set] "r"(flags), [addr] "r"(_addr)			\
		     : "cc", "memory");						\
	GUEST_ASSERT_EQ(__got, flags);						\
	GUEST_ASSERT_EQ(__steps, 3UL);						\
	GUEST_ASSERT_EQ(read_sysreg(daif), __before);				\
} while (0)

#define NR_FLAGS	16

static void guest_flags(void)
{
	u64 i;

	for (i = 0; i < NR_FLAGS; i++) {
		const u64 flags = i << 28;
		u64 value = 0;

		FLAGS_AROUND("ldrsw %[value], [%[addr]]", value, ADDR(2));
		GUEST_ASSERT_EQ(value, (u64)(s32)pattern(2));
		value = pattern(3);
		FLAGS_AROUND("str %[value], [%[addr]]", value, ADDR(3));
		FLAGS_AROUND("ldr %w[value], [%[addr]]", value, GICD_BASE_GPA + GICD_PIDR2);
		GUEST_ASSERT_EQ(value & 0xf0, 0x30UL);
	}
	GUEST_DONE();
}

TEST_F(guests, h03_pc_and_pstate)
{
	struct kvm_vcpu *vcpu;
	u32 i;

	create_guests(variant->kind, guest_flags, &self->vm, self->vcpus);
	vcpu = self->vcpus[0];
	vm_launch(self->vm);
	for (i = 0; i < NR_FLAGS; i++) {
		expect_exit(vcpu, 2, false);
		set_data(vcpu, pattern(2));
		expect_exit(vcpu, 3, true);
	}
	expect_ucall(vcpu, UCALL_DONE, 0);
}

/*
 * A guest that runs big-endian. KVM swaps the bytes for an ordinary VM, so that
 * the VMM sees them in the order of the addresses. It does not know how a realm
 * runs: the VMM gets, and gives, what is in the realm's register.
 *
 * Page tables are big-endian then as well, so the MMU is off for the access.
 */

extern const char big_endian[], big_endian_end[];

asm("	.pushsection .rodata\n"
"big_endian:\n"
"	mrs	x9, sctlr_el1\n"
"	mov	x10, #(1 << 25)\n"		/* EE */
"	orr	x10, x10, x9\n"
"	bic	x10, x10, #1\n"		/* M */
"	msr	sctlr_el1, x10\n"
"	isb\n"
"	ldr	w11, [x0]\n"
"	str	x1, [x0, #8]\n"
"	msr	sctlr_el1, x9\n"
"	isb\n"
"	mov	x0, x11\n"
"	ret\n"
"big_endian_end:\n"
"	.popsection\n");

#define BE_STORED	0x1122334455667788UL
#define BE_LOADED	0xa1a2a3a4U

static void guest_big_endian(u64 (*run)(u64 ipa, u64 value))
{
	const u64 loaded = run(DEVICE_GPA | guest_shared_bit(), BE_STORED);

	GUEST_ASSERT_EQ(loaded, guest_is_realm() ? BE_LOADED : __builtin_bswap32(BE_LOADED));
	GUEST_DONE();
}

TEST_F(guests, h02_big_endian)
{
	struct kvm_vcpu *vcpu;
	struct kvm_run *run;
	u64 stored;
	gpa_t code;

	create_guests(variant->kind, guest_big_endian, &self->vm, self->vcpus);
	vcpu = self->vcpus[0];
	run = vcpu->run;
	code = vm_alloc_identity_page(self->vm);
	memcpy(addr_gpa2hva(self->vm, code), big_endian, big_endian_end - big_endian);
	vcpu_args_set(vcpu, 1, code);
	vm_launch(self->vm);

	ASSERT_EQ(0, vcpu_run_errno(vcpu));
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_MMIO);
	EXPECT_EQ(DEVICE_GPA, run->mmio.phys_addr);
	EXPECT_EQ(4, run->mmio.len);
	set_data(vcpu, BE_LOADED);

	ASSERT_EQ(0, vcpu_run_errno(vcpu));
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_MMIO);
	EXPECT_EQ(DEVICE_GPA + 8, run->mmio.phys_addr);
	EXPECT_EQ(8, run->mmio.len);
	memcpy(&stored, run->mmio.data, sizeof(stored));
	EXPECT_EQ(variant->kind == VM_REALM ? BE_STORED : __builtin_bswap64(BE_STORED), stored);
	expect_ucall(vcpu, UCALL_DONE, 0);
}

/*
 * A vCPU turns itself off after an access, however that was completed, and is
 * turned on again. Nothing of the access is left.
 */

static void guest_off_and_on(void)
{
	u64 value = READ_ONCE(*(u64 *)ADDR(3));

	GUEST_SYNC(value);
	WRITE_ONCE(*(u64 *)ADDR(7), pattern(7));
	guest_psci(PSCI_0_2_FN_CPU_OFF, 0, 0, 0);
	GUEST_FAIL("CPU_OFF returned");
}

static void guest_turns_on(u64 entry, u64 context)
{
	u64 round;

	for (round = 0; ; round++) {
		GUEST_ASSERT_EQ(guest_psci(PSCI_0_2_FN64_CPU_ON, 1, entry, context),
				(u64)PSCI_RET_SUCCESS);
		GUEST_SYNC(round);
	}
}

/* KVM_RUN of a vCPU that is off, or about to be, is ended by an alarm alone. */
static void run_until_off(struct kvm_vcpu *vcpu)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct kvm_mp_state state = {};
	int i;

	sigaction(SIGALRM, &action, NULL);
	for (i = 0; i < 100 && state.mp_state != KVM_MP_STATE_STOPPED; i++) {
		ualarm(100000, 0);
		TEST_ASSERT(__vcpu_run(vcpu) == -1 && errno == EINTR,
			    "KVM_RUN of a vCPU that is off: exit %u (%s)",
			    vcpu->run->exit_reason, exit_reason_str(vcpu->run->exit_reason));
		vcpu_mp_state_get(vcpu, &state);
	}
	TEST_ASSERT_EQ(state.mp_state, KVM_MP_STATE_STOPPED);
}

TEST_F(guests, h13_cpu_off_and_on)
{
	struct kvm_mp_state off = { .mp_state = KVM_MP_STATE_STOPPED };
	struct kvm_vcpu *primary, *secondary;
	u32 round;

	create_guests(variant->kind, guest_turns_on, &self->vm, self->vcpus);
	primary = self->vcpus[0];
	secondary = self->vcpus[1];
	vcpu_arch_set_entry_point(secondary, guest_off_and_on);
	vcpu_args_set(primary, 2, vcpu_boot_entry(secondary), vcpu_boot_arg(secondary));
	vcpu_mp_state_set(secondary, &off);
	vm_launch(self->vm);

	for (round = 0; round < 4; round++) {
		expect_ucall(primary, UCALL_SYNC, round);
		expect_exit(secondary, 3, false);
		set_data(secondary, pattern(3));
		if (round & 1)
			vcpu_run_complete_io(secondary);
		expect_ucall(secondary, UCALL_SYNC, pattern(3));
		expect_exit(secondary, 7, true);
		if (round & 2)
			vcpu_run_complete_io(secondary);
		run_until_off(secondary);
	}
}

/* Another vCPU turns the VM off while an access is with the VMM. */

static void guest_turns_off(void)
{
	guest_psci(PSCI_0_2_FN_SYSTEM_OFF, 0, 0, 0);
	GUEST_FAIL("SYSTEM_OFF returned");
}

TEST_F(guests, h13_system_off_meanwhile)
{
	create_guests(variant->kind, guest_off_and_on, &self->vm, self->vcpus);
	vcpu_arch_set_entry_point(self->vcpus[1], guest_turns_off);
	vm_launch(self->vm);

	expect_exit(self->vcpus[0], 3, false);
	ASSERT_EQ(0, vcpu_run_errno(self->vcpus[1]));
	TEST_ASSERT_KVM_EXIT_REASON(self->vcpus[1], KVM_EXIT_SYSTEM_EVENT);

	set_data(self->vcpus[0], pattern(3));
	run_until_off(self->vcpus[0]);
	run_until_off(self->vcpus[0]);
}

/*
 * A VMM that initialises a vCPU anew has an ordinary one start anew. With a
 * realm it is too late for that, and the access is not disturbed.
 */
static void init_anew(enum vm_kind kind, struct kvm_vcpu *vcpu)
{
	if (kind == VM_REALM) {
		TEST_ASSERT(__vcpu_ioctl(vcpu, KVM_ARM_VCPU_INIT, &vcpu->init) == -1 &&
			    errno == EPERM, "KVM_ARM_VCPU_INIT: %s", strerror(errno));
		return;
	}

	vcpu_ioctl(vcpu, KVM_ARM_VCPU_INIT, &vcpu->init);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.pc), vcpu_boot_entry(vcpu));
	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.regs[0]), vcpu_boot_arg(vcpu));
	/* Nobody is to complete the access. */
	vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
	expect_exit(vcpu, 3, false);
}

TEST_F(guests, h13_vcpu_init_meanwhile)
{
	struct kvm_vcpu *vcpu;

	create_guests(variant->kind, guest_off_and_on, &self->vm, self->vcpus);
	vcpu = self->vcpus[0];
	vm_launch(self->vm);
	expect_exit(vcpu, 3, false);
	init_anew(variant->kind, vcpu);
	set_data(vcpu, pattern(3));
	if (variant->kind == VM_REALM) {
		vcpu_run_complete_io(vcpu);
		init_anew(variant->kind, vcpu);
	}
	expect_ucall(vcpu, UCALL_SYNC, pattern(3));
}

int main(int argc, char *argv[])
{
	return realm_harness_run(argc, argv);
}
