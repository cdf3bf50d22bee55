// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_mmio_resume - What happens between an MMIO exit and its completion
 *
 * KVM_RUN may return many times before the vCPU is really entered again. Every
 * value must get to the other side exactly once whatever the VMM does in
 * between. In a realm VM, and as the control in an ordinary one.
 */
#include <linux/sizes.h>

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

#include "kvm_test_harness.h"
#include "processor.h"
#include "realm.h"
#include "test_util.h"
#include "vgic.h"

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

FIXTURE_VARIANT(kinds) {
	enum vm_kind kind;
};

FIXTURE_VARIANT_ADD(kinds, ordinary) {
	.kind = VM_ORDINARY,
};

FIXTURE_VARIANT_ADD(kinds, realm) {
	.kind = VM_REALM,
};

FIXTURE_SETUP(kinds)
{
	const char *reason;

	if (variant->kind == VM_REALM && !kvm_supports_realms(&reason))
		SKIP(return, "%s", reason);

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
TEST_F(kinds, immediate_exit)
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

TEST_F(kinds, signal_pending)
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
TEST_F_TIMEOUT(kinds, signals_at_any_time, 240)
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
TEST_F(kinds, not_completed)
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
TEST_F(kinds, kvm_run_scribbled_on)
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

TEST_F(kinds, other_cpu)
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

TEST_F(kinds, other_thread)
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

/* Things a VMM does to the VM while a vCPU waits, which concern the vCPU. */
TEST_F(kinds, requests_in_between)
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
TEST_F(kinds, memory_takes_the_place)
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
TEST_F(kinds, two_vcpus_interleaved)
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

TEST_F_TIMEOUT(kinds, vm_ends_in_the_middle, 240)
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

int main(int argc, char *argv[])
{
	return realm_harness_run(argc, argv);
}
