// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_rmm_faults - What KVM makes of an RMM that is busy, or refuses
 *
 * The RMM is asked, through its test control page, to answer the next commands
 * of a kind with what an RMM may answer but hardly ever does. Whatever was due
 * must still be done, and once; or the VMM is told, and may try again. Memory
 * may be lost only where the RMM does not give it back, and then KVM has to
 * know: after each test the numbers of granules of KVM and the RMM agree.
 *
 * Cases that prove a line of the contract for emulated MMIO are named after
 * it, see Documentation/virt/kvm/arm/realm.rst.
 */
#include <linux/psci.h>
#include <linux/sizes.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kvm_test_harness.h"
#include "processor.h"
#include "realm.h"
#include "test_util.h"
#include "vgic.h"

#include "gic.h"
#include "gic_v3.h"

#define DEVICE_GPA	0x0a000000UL
#define DEVICE_GVA	DEVICE_GPA
#define DOORBELL_GPA	(DEVICE_GPA + 0x800)

/* Memory of the tests' own, of which only every 2 MB a page is used. */
#define PRIVATE_SLOT	10
#define PRIVATE_GPA	0x40000000UL
#define SHARED_SLOT	11
#define SHARED_GPA	0x60000000UL
#define STRIDE		SZ_2M
#define NR_STRIDES	6

#define LEVEL(_n)	((_n) << 8)

static const u8 sizes[] = { 1, 2, 4, 8 };

/*
 * Accounts
 */

struct balance {
	long rmm;		/* granules the RMM holds, as it says */
	long host;		/* the same, as the host says */
	long leaked;		/* of those, lost */
};

static long host_counter(const char *name)
{
	char path[64];
	long value;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/debug/rmi/%s", name);
	f = fopen(path, "r");
	if (!f)
		return 0;
	TEST_ASSERT(fscanf(f, "%ld", &value) == 1, "%s", path);
	fclose(f);
	return value;
}

static struct balance balance_now(void)
{
	return (struct balance) {
		.rmm = rmm_delegated_granules(NULL),
		.host = host_counter("delegated_granules"),
		.leaked = host_counter("leaked_granules"),
	};
}

static bool have_host_counters(void)
{
	return !access("/sys/kernel/debug/rmi/leaked_granules", R_OK);
}

static void expect_nothing_lost(const struct balance *before)
{
	struct balance now = balance_now();

	TEST_ASSERT_EQ(now.rmm, before->rmm);
	TEST_ASSERT_EQ(now.host, before->host);
	TEST_ASSERT_EQ(now.leaked, before->leaked);
}

/* Something is lost, but not out of sight. */
static long expect_loss(const struct balance *before)
{
	struct balance now = balance_now();

	if (!have_host_counters())
		return now.rmm - before->rmm;

	TEST_ASSERT_EQ(now.host - before->host, now.rmm - before->rmm);
	TEST_ASSERT(now.leaked > before->leaked, "Nothing lost: %ld, %ld granules held",
		    now.leaked - before->leaked, now.rmm - before->rmm);
	return now.leaked - before->leaked;
}

static void inject(u64 fid, u64 skip, u64 repeat, u64 response)
{
	rmm_inject(0, &(struct rmm_fault) {
		.fid = fid, .skip = skip, .repeat = repeat, .response = response,
	});
}

/*
 * What all fixtures begin and end with
 */

static void setup(struct balance *before)
{
	rmm_inject_nothing();
	*before = balance_now();
}

static void teardown(struct kvm_vm *vm)
{
	rmm_inject_nothing();
	kvm_vm_free(vm);
}

static void expect_ucall(struct kvm_vcpu *vcpu, u64 cmd, struct ucall *uc)
{
	if (get_ucall(vcpu, uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(*uc);
	TEST_ASSERT(uc->cmd == cmd, "Exit %u (%s), ucall %lu, expected ucall %lu",
		    vcpu->run->exit_reason, exit_reason_str(vcpu->run->exit_reason),
		    uc->cmd, cmd);
}

static void run_to_ucall(struct kvm_vcpu *vcpu, u64 cmd)
{
	struct ucall uc;

	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);
	expect_ucall(vcpu, cmd, &uc);
}

static void guest_done(void)
{
	GUEST_DONE();
}

/*
 * RMI_REC_ENTER
 */

FIXTURE(entry) {
	struct balance before;
	struct kvm_vm *vm;
};

/* @is_error: KVM_RUN ends; otherwise KVM tries again by itself */
FIXTURE_VARIANT(entry) {
	u64 response;
	bool is_error;
};

#define ENTRY_ANSWER(_name, _response, _is_error)	\
FIXTURE_VARIANT_ADD(entry, _name) {			\
	.response = _response,				\
	.is_error = _is_error,				\
}

ENTRY_ANSWER(busy,			RMI_BUSY, false);
ENTRY_ANSWER(blocked,			RMI_BLOCKED, false);
ENTRY_ANSWER(error_input,		RMI_ERROR_INPUT, true);
ENTRY_ANSWER(error_rec,			RMI_ERROR_REC, true);
ENTRY_ANSWER(error_rtt,			RMI_ERROR_RTT | LEVEL(3), true);
ENTRY_ANSWER(error_global,		RMI_ERROR_GLOBAL, true);

FIXTURE_SETUP(entry)
{
	setup(&self->before);
}

FIXTURE_TEARDOWN(entry)
{
	teardown(self->vm);
	expect_nothing_lost(&self->before);
}

/* Nothing of what userspace has to say by then is wanted any more. */
static void scribble(struct kvm_vcpu *vcpu)
{
	memset(vcpu->run->mmio.data, 0xee, sizeof(vcpu->run->mmio.data));
}

/* The entry after this fails @nr times, and leaves the vCPU ready to go on. */
static void fail_entries(struct kvm_vcpu *vcpu, u64 response, bool is_error, int nr)
{
	struct kvm_run *run = vcpu->run;
	int i;

	inject(SMC_RMI_REC_ENTER, 0, nr, response);
	for (i = 0; is_error && i < nr; i++) {
		TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);
		TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_FAIL_ENTRY);
		TEST_ASSERT_EQ(run->fail_entry.hardware_entry_failure_reason, response);
		scribble(vcpu);
	}
}

TEST_F(entry, h07_loads_and_stores)
{
	const u64 value = 0x8877665544332211UL;
	struct kvm_vcpu *vcpu;
	u64 seen, i;

	self->vm = vm_create_agents(VM_REALM, 1, &vcpu);
	virt_map(self->vm, DEVICE_GVA, DEVICE_GPA, 1);
	vm_launch(self->vm);

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		agent_set_load(vcpu, DEVICE_GVA, sizes[i]);
		ASSERT_FALSE(agent_run(vcpu));
		memcpy(vcpu->run->mmio.data, &value, sizeof(value));
		fail_entries(vcpu, variant->response, variant->is_error, 3 + i);
		ASSERT_TRUE(agent_run(vcpu));
		EXPECT_EQ(3 + i, rmm_injected(0));
		seen = agent_answer(vcpu)->value;
		EXPECT_EQ(0, memcmp(&seen, &value, sizes[i]));
		EXPECT_EQ(2 * i + 1, agent_answer(vcpu)->nr_done);

		agent_set_store(vcpu, DEVICE_GVA, sizes[i], value);
		ASSERT_FALSE(agent_run(vcpu));
		EXPECT_EQ(0, memcmp(vcpu->run->mmio.data, &value, sizes[i]));
		fail_entries(vcpu, variant->response, variant->is_error, 3);
		ASSERT_TRUE(agent_run(vcpu));
		EXPECT_EQ(3, rmm_injected(0));
		EXPECT_EQ(2 * i + 2, agent_answer(vcpu)->nr_done);
	}
}

static u64 nr_seas;

static void sea_handler(struct ex_regs *regs)
{
	nr_seas++;
	regs->pc += 4;
}

static void guest_sea(void)
{
	u64 i;

	for (i = 1; ; i++) {
		readl((void *)DEVICE_GVA);
		GUEST_ASSERT_EQ(READ_ONCE(nr_seas), i);
		GUEST_SYNC(i);
	}
}

static u8 pending_abort(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_events events = {};

	vcpu_events_get(vcpu, &events);
	return events.exception.ext_dabt_pending;
}

/* An abort stays pending, and is reported so, until the REC is entered. */
TEST_F(entry, h11_pending_abort)
{
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };
	struct kvm_vcpu *vcpu;
	int i;

	self->vm = vm_create_kind(VM_REALM, 1, guest_sea, &vcpu);
	virt_map(self->vm, DEVICE_GVA, DEVICE_GPA, 1);
	vm_install_sync_handler(self->vm, VECTOR_SYNC_CURRENT, ESR_ELx_EC_DABT_CUR, sea_handler);
	vm_launch(self->vm);

	for (i = 0; i < 4; i++) {
		vcpu_run(vcpu);
		TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_MMIO);
		vcpu_events_set(vcpu, &events);
		fail_entries(vcpu, variant->response, variant->is_error, 3);
		EXPECT_EQ(1, pending_abort(vcpu));
		/* Even if the VMM believes that this was an exit for MMIO. */
		vcpu->run->exit_reason = KVM_EXIT_MMIO;
		run_to_ucall(vcpu, UCALL_SYNC);
		EXPECT_EQ(0, pending_abort(vcpu));
		EXPECT_EQ(3, rmm_injected(0));
	}
}

/*
 * A script with one of everything that makes a REC exit, and a fault at its
 * nth entry, for every n there is.
 */

/* In the range of vendor specific hypervisor services */
#define FORWARDED_FN	0x86001234

#define SCRIPT_SGI	3

struct script_counts {
	u64 loads;
	u64 stores;
	u64 calls;
	u64 ripas_changes;
	u64 failed_entries;
};

static u64 pattern(u64 round, u64 what)
{
	return 0x0102030405060708UL * (round + 1) ^ what << 56;
}

static u32 irqs_seen;
static struct rsi_host_call script_call __aligned(256);

static void irq_handler(struct ex_regs *regs)
{
	unsigned int intid = gic_get_and_ack_irq();

	if (intid == SCRIPT_SGI)
		irqs_seen++;
	gic_set_eoi(intid);
}

static void script_devices(u64 round)
{
	void *priority = (void *)(GICD_BASE_GPA + GICD_IPRIORITYR + 40);
	u32 value = (round & 0x1f) * 0x08080808;

	GUEST_ASSERT_EQ(readq((void *)DEVICE_GVA), pattern(round, 1));
	writeq(pattern(round, 2), (void *)(DEVICE_GVA + 8));
	writel(round, (void *)DOORBELL_GPA);
	writel(value, priority);
	GUEST_ASSERT_EQ(readl(priority), value);
}

static void script_abort(u64 round)
{
	asm volatile("ldp x2, x3, [%0]" : : "r"(DEVICE_GVA) : "x2", "x3", "memory");
	GUEST_ASSERT_EQ(READ_ONCE(nr_seas), round + 1);
}

static void script_interrupt(u64 round)
{
	write_sysreg_s((u64)SCRIPT_SGI << 24 | 1, SYS_ICC_SGI1R_EL1);
	while (READ_ONCE(irqs_seen) == round)
		cpu_relax();
	GUEST_ASSERT_EQ(READ_ONCE(irqs_seen), round + 1);
}

static void script_host_call(u64 round)
{
	int i;

	script_call.imm = 0;
	for (i = 0; i < 31; i++)
		script_call.gprs[i] = pattern(round, i);
	script_call.gprs[0] = FORWARDED_FN;
	GUEST_ASSERT_EQ(rsi_host_call(&script_call), RSI_SUCCESS);
	for (i = 0; i < 31; i++)
		GUEST_ASSERT_EQ(script_call.gprs[i], ~pattern(round, i));
}

static void script_memory(u64 round)
{
	u64 *page = (u64 *)PRIVATE_GPA;

	GUEST_ASSERT_EQ(rsi_set_ripas(PRIVATE_GPA, PRIVATE_GPA + SZ_64K, RSI_RIPAS_RAM),
			RSI_SUCCESS);
	GUEST_ASSERT_EQ(READ_ONCE(*page), 0UL);
	WRITE_ONCE(*page, pattern(round, 3));
	GUEST_ASSERT_EQ(READ_ONCE(*page), pattern(round, 3));
	GUEST_ASSERT_EQ(rsi_set_ripas(PRIVATE_GPA, PRIVATE_GPA + SZ_64K, RSI_RIPAS_EMPTY),
			RSI_SUCCESS);
	GUEST_ASSERT_EQ(READ_ONCE(*(u64 *)SHARED_GPA), pattern(round, 4));
	WRITE_ONCE(*(u64 *)SHARED_GPA, pattern(round, 5));
}

static void guest_script(void)
{
	u64 round;

	gic_init(GIC_V3, 1);
	gic_irq_enable(SCRIPT_SGI);
	local_irq_enable();

	for (round = 0; ; round++) {
		GUEST_SYNC(round);
		script_devices(round);
		script_abort(round);
		script_interrupt(round);
		script_host_call(round);
		script_memory(round);
		GUEST_ASSERT_EQ(guest_psci(PSCI_0_2_FN64_AFFINITY_INFO, 1, 0, 0),
				(u64)PSCI_0_2_AFFINITY_LEVEL_OFF);
	}
}

static void forward_calls(struct kvm_vm *vm)
{
	struct kvm_smccc_filter filter = {
		.base = FORWARDED_FN,
		.nr_functions = 1,
		.action = KVM_SMCCC_FILTER_FWD_TO_USER,
	};

	kvm_device_attr_set(vm->fd, KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER, &filter);
}

static u64 gpr_id(int n)
{
	return ARM64_CORE_REG(regs.regs[0]) + 2 * n;
}

static void script_answer_call(struct kvm_vcpu *vcpu, u64 round)
{
	int i;

	TEST_ASSERT_EQ(vcpu->run->hypercall.nr, FORWARDED_FN);
	for (i = 1; i < 31; i++)
		TEST_ASSERT_EQ(vcpu_get_reg(vcpu, gpr_id(i)), pattern(round, i));
	for (i = 0; i < 31; i++)
		vcpu_set_reg(vcpu, gpr_id(i), ~pattern(round, i));
}

static void script_convert(struct kvm_vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	gpa_t gpa = run->memory_fault.gpa;
	u64 size = run->memory_fault.size;

	if (run->memory_fault.flags & KVM_MEMORY_EXIT_FLAG_PRIVATE) {
		vm_mem_set_private(vcpu->vm, gpa, size);
	} else {
		vm_mem_set_shared(vcpu->vm, gpa, size);
		vm_guest_mem_punch_hole(vcpu->vm, gpa, size);
	}
}

/* Returns false if this is none of the script's accesses. */
static bool script_access(struct kvm_vcpu *vcpu, u64 round, struct script_counts *counts)
{
	struct kvm_run *run = vcpu->run;
	u64 data = pattern(round, 1);

	if (run->mmio.phys_addr == DEVICE_GPA) {
		TEST_ASSERT(!run->mmio.is_write && run->mmio.len == 8, "Not the load");
		memcpy(run->mmio.data, &data, sizeof(data));
		counts->loads++;
		return true;
	}
	if (run->mmio.phys_addr == DEVICE_GPA + 8) {
		TEST_ASSERT(run->mmio.is_write && run->mmio.len == 8, "Not the store");
		memcpy(&data, run->mmio.data, sizeof(data));
		TEST_ASSERT_EQ(data, pattern(round, 2));
		counts->stores++;
		return true;
	}
	return false;
}

/* Run until the end of a round, or of the script. */
static void script_run(struct kvm_vcpu *vcpu, u64 round, struct script_counts *counts)
{
	struct kvm_run *run = vcpu->run;
	struct ucall uc;
	int err;

	for (;;) {
		err = vcpu_run_errno(vcpu);
		if (err == EFAULT && run->exit_reason == KVM_EXIT_MEMORY_FAULT) {
			script_convert(vcpu);
			counts->ripas_changes++;
			continue;
		}
		TEST_ASSERT(!err, "KVM_RUN: %s", strerror(err));

		if (run->exit_reason == KVM_EXIT_FAIL_ENTRY) {
			scribble(vcpu);
			counts->failed_entries++;
		} else if (run->exit_reason == KVM_EXIT_HYPERCALL) {
			script_answer_call(vcpu, round);
			counts->calls++;
		} else if (run->exit_reason != KVM_EXIT_MMIO ||
			   !script_access(vcpu, round, counts)) {
			break;
		}
	}

	expect_ucall(vcpu, UCALL_SYNC, &uc);
	TEST_ASSERT_EQ(uc.args[1], round + 1);
}

static void add_memory(struct kvm_vm *vm)
{
	const u64 size = NR_STRIDES * STRIDE;
	gpa_t i;

	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, PRIVATE_GPA, PRIVATE_SLOT,
				    size / vm->page_size, KVM_MEM_GUEST_MEMFD);
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, SHARED_GPA, SHARED_SLOT,
				    size / vm->page_size, 0);
	vm_mem_set_private(vm, PRIVATE_GPA, size);
	for (i = 0; i < size; i += STRIDE) {
		virt_map_private(vm, PRIVATE_GPA + i, PRIVATE_GPA + i, 1);
		virt_map_shared(vm, SHARED_GPA + i, SHARED_GPA + i, 1);
	}
}

static struct kvm_vm *script_create(struct kvm_vcpu *vcpus[2], int doorbell)
{
	struct kvm_ioeventfd ioeventfd = { .addr = DOORBELL_GPA, .len = 4, .fd = doorbell };
	struct kvm_mp_state off = { .mp_state = KVM_MP_STATE_STOPPED };
	struct kvm_vm *vm;

	vm = vm_create_kind(VM_REALM, 2, guest_script, vcpus);
	virt_map(vm, DEVICE_GVA, DEVICE_GPA, 1);
	vm_install_exception_handler(vm, VECTOR_IRQ_CURRENT, irq_handler);
	vm_install_sync_handler(vm, VECTOR_SYNC_CURRENT, ESR_ELx_EC_DABT_CUR, sea_handler);
	vcpu_mp_state_set(vcpus[1], &off);
	forward_calls(vm);
	vm_ioctl(vm, KVM_IOEVENTFD, &ioeventfd);
	add_memory(vm);
	return vm;
}

/* More than that a round cannot have, with interrupts of the host and all. */
#define MAX_ENTRIES	500

TEST_F_TIMEOUT(entry, h07_h12_each_entry_of_a_script, 240)
{
	const int doorbell = eventfd(0, EFD_NONBLOCK);
	struct script_counts counts = {};
	struct kvm_vcpu *vcpus[2];
	u64 round, failed = 0;
	eventfd_t rung;
	u64 *shared;

	self->vm = script_create(vcpus, doorbell);
	shared = addr_gpa2hva(self->vm, SHARED_GPA);
	vm_launch(self->vm);
	run_to_ucall(vcpus[0], UCALL_SYNC);

	for (round = 0; round < MAX_ENTRIES; round++) {
		*shared = pattern(round, 4);
		inject(SMC_RMI_REC_ENTER, round, 2, variant->response);
		script_run(vcpus[0], round, &counts);

		ASSERT_EQ(round + 1, counts.loads);
		ASSERT_EQ(round + 1, counts.stores);
		ASSERT_EQ(round + 1, counts.calls);
		ASSERT_EQ(2 * (round + 1), counts.ripas_changes);
		ASSERT_EQ(0, eventfd_read(doorbell, &rung));
		ASSERT_EQ(1, rung);
		ASSERT_EQ(pattern(round, 5), *shared);
		if (!rmm_injected(0))
			break;
		failed += rmm_injected(0);
	}

	TH_LOG("a fault at each of %lu entries", round);
	EXPECT_LE(12, round);
	EXPECT_GT(MAX_ENTRIES, round);
	EXPECT_EQ(variant->is_error ? failed : 0, counts.failed_entries);
	close(doorbell);
}

/*
 * RMI_ERROR_REALM: another vCPU has turned the realm off. This one is stopped,
 * as those of an ordinary VM are.
 */

FIXTURE(realm) {
	struct balance before;
	struct kvm_vm *vm;
};

FIXTURE_SETUP(realm)
{
	setup(&self->before);
}

FIXTURE_TEARDOWN(realm)
{
	teardown(self->vm);
	expect_nothing_lost(&self->before);
}

static void on_signal(int sig)
{
}

static void catch_signal(int sig)
{
	struct sigaction action = { .sa_handler = on_signal };

	TEST_ASSERT(!sigaction(sig, &action, NULL), "sigaction");
}

TEST_F(realm, h13_realm_is_gone)
{
	struct kvm_mp_state state;
	struct kvm_vcpu *vcpu;
	int i;

	self->vm = vm_create_agents(VM_REALM, 1, &vcpu);
	virt_map(self->vm, DEVICE_GVA, DEVICE_GPA, 1);
	vm_launch(self->vm);
	agent_set_load(vcpu, DEVICE_GVA, 8);
	ASSERT_FALSE(agent_run(vcpu));

	/* An alarm may come before the vCPU gets anywhere, on a slow machine. */
	catch_signal(SIGALRM);
	inject(SMC_RMI_REC_ENTER, 0, 1, RMI_ERROR_REALM);
	for (i = 0; i < 100 && !rmm_injected(0); i++) {
		ualarm(200000, 0);
		ASSERT_EQ(-1, __vcpu_run(vcpu));
		ASSERT_EQ(EINTR, errno);
	}
	EXPECT_EQ(1, rmm_injected(0));
	vcpu_mp_state_get(vcpu, &state);
	EXPECT_EQ(KVM_MP_STATE_STOPPED, state.mp_state);
}

/* What userspace can repeat at will must not fill the log. */

#define NR_FAILED_ENTRIES	2000
#define MAX_LOG_LINES		60

#define LOG_MARK		"realm_rmm_faults: failed entries end here\n"

static int log_open(void)
{
	int fd = open("/dev/kmsg", O_RDWR | O_NONBLOCK);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

/* Returns how many lines have @what in them, of those before the mark. */
static int log_lines_with(int fd, const char *what)
{
	char line[1024];
	int nr = 0;
	ssize_t len;

	for (;;) {
		len = read(fd, line, sizeof(line) - 1);
		/* Lines that were overwritten before they could be read */
		if (len < 0 && errno == EPIPE)
			continue;
		TEST_ASSERT(len > 0, "No mark in the log: %s", strerror(errno));
		line[len] = '\0';
		if (strstr(line, LOG_MARK))
			return nr;
		nr += !!strstr(line, what);
	}
}

TEST_F(realm, h16_log_is_bounded)
{
	struct kvm_vcpu *vcpu;
	int log, lines;

	log = log_open();
	if (log < 0)
		SKIP(return, "no /dev/kmsg");

	self->vm = vm_create_agents(VM_REALM, 1, &vcpu);
	virt_map(self->vm, DEVICE_GVA, DEVICE_GPA, 1);
	vm_launch(self->vm);
	agent_set_load(vcpu, DEVICE_GVA, 8);
	ASSERT_FALSE(agent_run(vcpu));
	fail_entries(vcpu, RMI_ERROR_INPUT, true, NR_FAILED_ENTRIES);
	ASSERT_TRUE(agent_run(vcpu));

	ASSERT_EQ(strlen(LOG_MARK), write(log, LOG_MARK, strlen(LOG_MARK)));
	lines = log_lines_with(log, "RMI_REC_ENTER");
	TH_LOG("%d lines for %d failed entries", lines, NR_FAILED_ENTRIES);
	EXPECT_GE(MAX_LOG_LINES, lines);
	close(log);
}

/*
 * Creation: from the first contents to the first run
 */

FIXTURE(creation) {
	struct balance before;
	struct kvm_vm *vm;
};

/*
 * @populate, @run: errno of the first KVM_ARM_RMI_POPULATE and KVM_RUN. Trying
 * again always succeeds.
 * @or_populate: what may come instead, as the RMM may take several calls for
 * what is delegated at once
 */
FIXTURE_VARIANT(creation) {
	struct rmm_fault fault;
	int populate;
	int or_populate;
	int run;
};

#define CREATION_FAULT(_name, _fid, _skip, _repeat, _response, _populate, _run) \
FIXTURE_VARIANT_ADD(creation, _name) {					\
	.fault = { SMC_RMI_##_fid, _skip, _repeat, _response },		\
	.populate = _populate,						\
	.run = _run,							\
}

CREATION_FAULT(realm_busy,		REALM_CREATE, 0, 3, RMI_BUSY, 0, 0);
CREATION_FAULT(realm_blocked,		REALM_CREATE, 0, 3, RMI_BLOCKED, 0, 0);
CREATION_FAULT(realm_in_steps,		REALM_CREATE, 0, 1, RMI_INCOMPLETE, 0, 0);
CREATION_FAULT(realm_bad_params,	REALM_CREATE, 0, 1, RMI_ERROR_INPUT, EINVAL, 0);
CREATION_FAULT(realm_refused,		REALM_CREATE, 0, 1, RMI_ERROR_GLOBAL, EIO, 0);
CREATION_FAULT(rtt_busy,		RTT_CREATE, 0, 3, RMI_BUSY, 0, 0);
CREATION_FAULT(rtt_in_steps,		RTT_CREATE, 0, 1, RMI_INCOMPLETE, 0, 0);
CREATION_FAULT(rtt_refused,		RTT_CREATE, 0, 1, RMI_ERROR_INPUT, EIO, 0);
CREATION_FAULT(rtt_refused_2nd,		RTT_CREATE, 1, 1, RMI_ERROR_REALM, EIO, 0);
CREATION_FAULT(rtt_is_there,		RTT_CREATE, 0, 1, RMI_ERROR_RTT | LEVEL(2), 0, 0);
CREATION_FAULT(data_busy,		RTT_DATA_MAP_INIT, 2, 3, RMI_BUSY, 0, 0);
CREATION_FAULT(data_in_steps,		RTT_DATA_MAP_INIT, 0, 2, RMI_INCOMPLETE, 0, 0);
CREATION_FAULT(data_refused,		RTT_DATA_MAP_INIT, 0, 1, RMI_ERROR_INPUT, EIO, 0);
CREATION_FAULT(data_granule,		RTT_DATA_MAP_INIT, 0, 1, RMI_ERROR_GRANULE, EIO, 0);
CREATION_FAULT(data_in_the_way,		RTT_DATA_MAP_INIT, 0, 1, RMI_ERROR_RTT | LEVEL(3),
	       EEXIST, 0);
CREATION_FAULT(entry_busy,		RTT_READ_ENTRY, 0, 3, RMI_BUSY, 0, 0);
CREATION_FAULT(entry_refused,		RTT_READ_ENTRY, 0, 1, RMI_ERROR_INPUT, EIO, 0);
CREATION_FAULT(delegate_busy,		GRANULE_RANGE_DELEGATE, 0, 3, RMI_BUSY, 0, 0);
CREATION_FAULT(delegate_in_steps,	GRANULE_RANGE_DELEGATE, 0, 4, RMI_INCOMPLETE, 0, 0);
CREATION_FAULT(delegate_rd_refused,	GRANULE_RANGE_DELEGATE, 0, 1, RMI_ERROR_INPUT, ENOMEM, 0);
CREATION_FAULT(delegate_root_refused,	GRANULE_RANGE_DELEGATE, 1, 1, RMI_ERROR_GRANULE, ENOMEM, 0);
CREATION_FAULT(ripas_busy,		RTT_INIT_RIPAS, 0, 3, RMI_BUSY, 0, 0);
CREATION_FAULT(ripas_in_steps,		RTT_INIT_RIPAS, 0, 1, RMI_INCOMPLETE, 0, 0);
CREATION_FAULT(ripas_refused,		RTT_INIT_RIPAS, 1, 1, RMI_ERROR_INPUT, 0, EIO);
CREATION_FAULT(ripas_in_the_way,	RTT_INIT_RIPAS, 0, 1, RMI_ERROR_RTT | LEVEL(3), 0, EIO);
CREATION_FAULT(rec_busy,		REC_CREATE, 0, 3, RMI_BUSY, 0, 0);
CREATION_FAULT(rec_blocked,		REC_CREATE, 1, 3, RMI_BLOCKED, 0, 0);
CREATION_FAULT(rec_in_steps,		REC_CREATE, 0, 2, RMI_INCOMPLETE, 0, 0);
CREATION_FAULT(rec_bad_params,		REC_CREATE, 0, 1, RMI_ERROR_INPUT, 0, EINVAL);
CREATION_FAULT(rec_refused,		REC_CREATE, 0, 1, RMI_ERROR_GLOBAL, 0, EIO);
CREATION_FAULT(rec_2nd_too_many,	REC_CREATE, 1, 1, RMI_ERROR_REALM, 0, E2BIG);
CREATION_FAULT(activate_busy,		REALM_ACTIVATE, 0, 3, RMI_BUSY, 0, 0);
CREATION_FAULT(activate_in_steps,	REALM_ACTIVATE, 0, 1, RMI_INCOMPLETE, 0, 0);
CREATION_FAULT(activate_refused,	REALM_ACTIVATE, 0, 1, RMI_ERROR_REALM, 0, EIO);
CREATION_FAULT(donate_busy,		OP_MEM_DONATE, 0, 3, RMI_BUSY, 0, 0);
CREATION_FAULT(donate_refused,		OP_MEM_DONATE, 0, 1, RMI_ERROR_INPUT, 0, ENOMEM);
CREATION_FAULT(continue_busy,		OP_CONTINUE, 0, 3, RMI_BUSY, 0, 0);

FIXTURE_VARIANT_ADD(creation, delegate_data_refused) {
	.fault = { SMC_RMI_GRANULE_RANGE_DELEGATE, 2, 1, RMI_ERROR_GRANULE },
	.populate = EIO,
	.or_populate = ENOMEM,
};

FIXTURE_VARIANT_ADD(creation, delegate_rtt_refused) {
	.fault = { SMC_RMI_GRANULE_RANGE_DELEGATE, 3, 1, RMI_ERROR_GRANULE },
	.populate = ENOMEM,
	.or_populate = EIO,
};

FIXTURE_SETUP(creation)
{
	setup(&self->before);
}

FIXTURE_TEARDOWN(creation)
{
	teardown(self->vm);
	expect_nothing_lost(&self->before);
}

/* KVM_ARM_RMI_POPULATE of four pages, as far as it goes. */
static int populate_errno(struct kvm_vm *vm, struct kvm_arm_rmi_populate *args)
{
	while (args->size) {
		if (__vm_realm_populate(vm, args))
			return errno;
	}
	return 0;
}

static void populate(struct kvm_vm *vm, int err, int or_err)
{
	int ret;

	struct kvm_arm_rmi_populate args = {
		.base = PRIVATE_GPA,
		.size = 4 * vm->page_size,
		.source_uaddr = (u64)addr_gpa2hva(vm, PRIVATE_GPA),
		.flags = KVM_ARM_RMI_POPULATE_FLAGS_MEASURE,
	};

	ret = populate_errno(vm, &args);
	TEST_ASSERT(ret == err || (or_err && ret == or_err), "KVM_ARM_RMI_POPULATE: %s",
		    strerror(ret));
	if (err)
		TEST_ASSERT_EQ(populate_errno(vm, &args), 0);
	vm_launch(vm);
}

static void run_to_done(struct kvm_vcpu *vcpu, int err)
{
	struct ucall uc;

	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), err);
	if (err)
		TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);
	expect_ucall(vcpu, UCALL_DONE, &uc);
}

static struct kvm_vm *create_two_vcpus(void *guest_code, struct kvm_vcpu *vcpus[2])
{
	struct kvm_vm *vm = vm_create_kind(VM_REALM, 2, guest_code, vcpus);

	add_memory(vm);
	return vm;
}

TEST_F(creation, fails_cleanly_or_not_at_all)
{
	struct kvm_vcpu *vcpus[2];

	self->vm = create_two_vcpus(guest_done, vcpus);
	rmm_inject(0, &variant->fault);
	populate(self->vm, variant->populate, variant->or_populate);
	run_to_done(vcpus[0], variant->run);
	run_to_done(vcpus[1], 0);
	EXPECT_EQ(variant->fault.repeat, rmm_injected(0));
}

/*
 * What was populated and taken away again is DESTROYED. There are RMMs that do
 * not make it RAM when the realm is activated: then it is as if taken away
 * later, and an access exits. Elsewhere the same refusal is an error.
 */

static void guest_loads(gpa_t gpa)
{
	GUEST_ASSERT_EQ(READ_ONCE(*(u64 *)gpa), 0);
	GUEST_DONE();
}

/* With the answer number @skip an RMI_ERROR_RTT. Returns the errno of KVM_RUN. */
static int load_what_was_taken_away(struct kvm_vm *vm, struct kvm_vcpu *vcpu, u64 skip)
{
	struct kvm_arm_rmi_populate args = {
		.base = PRIVATE_GPA,
		.size = vm->page_size,
		.source_uaddr = (u64)addr_gpa2hva(vm, PRIVATE_GPA),
	};

	TEST_ASSERT_EQ(populate_errno(vm, &args), 0);
	vm_guest_mem_punch_hole(vm, PRIVATE_GPA, vm->page_size);
	vcpu_args_set(vcpu, 1, PRIVATE_GPA);
	vm_launch(vm);
	inject(SMC_RMI_RTT_INIT_RIPAS, skip, 1, RMI_ERROR_RTT | LEVEL(3));
	return vcpu_run_errno(vcpu);
}

TEST_F(realm, destroyed_page_stays_so)
{
	struct kvm_vcpu *vcpus[2];
	int err;
	u64 skip;

	for (skip = 0;; skip++) {
		self->vm = create_two_vcpus(guest_loads, vcpus);
		vcpu_args_set(vcpus[1], 1, PRIVATE_GPA + STRIDE);
		err = load_what_was_taken_away(self->vm, vcpus[0], skip);
		ASSERT_EQ(1, rmm_injected(0)) {
			TH_LOG("The page was not among what %lu calls began with", skip);
		}
		if (err == EFAULT)
			break;
		ASSERT_EQ(EIO, err);
		run_to_done(vcpus[0], 0);
		kvm_vm_free(self->vm);
	}

	EXPECT_EQ(KVM_EXIT_MEMORY_FAULT, vcpus[0]->run->exit_reason);
	EXPECT_EQ(PRIVATE_GPA, vcpus[0]->run->memory_fault.gpa);
	EXPECT_EQ(KVM_MEMORY_EXIT_FLAG_PRIVATE, vcpus[0]->run->memory_fault.flags);
	run_to_done(vcpus[1], 0);
}

/*
 * Donations to an operation that cannot be met: it is cancelled, and what was
 * donated comes back.
 */

FIXTURE(donation) {
	struct balance before;
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpus[2];
};

/* @given: granules that can be had before there are no more */
FIXTURE_VARIANT(donation) {
	unsigned int given;
	bool contiguous;
	u64 also_fid;
};

FIXTURE_VARIANT_ADD(donation, none) {
};

FIXTURE_VARIANT_ADD(donation, some) {
	.given = 2,
};

FIXTURE_VARIANT_ADD(donation, contiguous) {
	.contiguous = true,
};

FIXTURE_VARIANT_ADD(donation, some_and_reclaim_busy) {
	.given = 2,
	.also_fid = SMC_RMI_OP_MEM_RECLAIM,
};

FIXTURE_VARIANT_ADD(donation, some_and_cancel_busy) {
	.given = 2,
	.also_fid = SMC_RMI_OP_CANCEL,
};

FIXTURE_SETUP(donation)
{
	setup(&self->before);
	self->vm = create_two_vcpus(guest_done, self->vcpus);
	vm_launch(self->vm);
}

FIXTURE_TEARDOWN(donation)
{
	teardown(self->vm);
	expect_nothing_lost(&self->before);
}

TEST_F(donation, refused)
{
	const struct rmm_fault busy = {
		.fid = variant->also_fid, .repeat = 3, .response = RMI_BUSY,
	};
	struct balance launched;

	/* Have the tables for the memory that is private from the start first. */
	inject(SMC_RMI_REC_CREATE, 0, 1, RMI_ERROR_INPUT);
	EXPECT_EQ(EINVAL, vcpu_run_errno(self->vcpus[0]));
	launched = balance_now();

	if (variant->contiguous)
		rmm_want_contiguous_memory();
	if (variant->also_fid)
		rmm_inject(1, &busy);

	/* The REC itself is the first granule to be delegated. */
	inject(SMC_RMI_GRANULE_RANGE_DELEGATE, 1 + variant->given, 3, RMI_ERROR_GRANULE);
	EXPECT_EQ(ENOMEM, vcpu_run_errno(self->vcpus[0]));
	EXPECT_LE(1, rmm_injected(0));
	if (variant->also_fid)
		EXPECT_EQ(3, rmm_injected(1));
	rmm_inject_nothing();
	expect_nothing_lost(&launched);

	run_to_done(self->vcpus[0], 0);
	run_to_done(self->vcpus[1], 0);
}

TEST_F(donation, in_one_piece)
{
	rmm_want_contiguous_memory();
	run_to_done(self->vcpus[0], 0);
	run_to_done(self->vcpus[1], 0);
}

/*
 * Memory and tables, while the realm runs
 */

FIXTURE(memory) {
	struct balance before;
	struct kvm_vm *vm;
};

/* @err: errno of KVM_RUN, as often as the fault is the answer */
FIXTURE_VARIANT(memory) {
	struct rmm_fault fault;
	int err;
};

#define MEMORY_FAULT(_name, _fid, _skip, _repeat, _response, _err)	\
FIXTURE_VARIANT_ADD(memory, _name) {					\
	.fault = { SMC_RMI_##_fid, _skip, _repeat, _response },		\
	.err = _err,							\
}

MEMORY_FAULT(data_busy,			RTT_DATA_MAP, 1, 3, RMI_BUSY, 0);
MEMORY_FAULT(data_busy_for_long,	RTT_DATA_MAP, 1, 20000, RMI_BUSY, 0);
MEMORY_FAULT(data_in_steps,		RTT_DATA_MAP, 0, 3, RMI_INCOMPLETE, 0);
MEMORY_FAULT(data_refused,		RTT_DATA_MAP, 1, 2, RMI_ERROR_INPUT, EIO);
MEMORY_FAULT(data_granule,		RTT_DATA_MAP, 1, 2, RMI_ERROR_GRANULE, EIO);
MEMORY_FAULT(shared_busy,		RTT_UNPROT_MAP, 1, 3, RMI_BLOCKED, 0);
MEMORY_FAULT(shared_busy_for_long,	RTT_UNPROT_MAP, 1, 20000, RMI_BUSY, 0);
MEMORY_FAULT(shared_in_steps,		RTT_UNPROT_MAP, 0, 3, RMI_INCOMPLETE, 0);
MEMORY_FAULT(shared_refused,		RTT_UNPROT_MAP, 1, 2, RMI_ERROR_INPUT, EIO);
MEMORY_FAULT(shared_in_the_way,		RTT_UNPROT_MAP, 1, 1, RMI_ERROR_RTT | LEVEL(3), 0);
MEMORY_FAULT(rtt_busy,			RTT_CREATE, 0, 3, RMI_BUSY, 0);
MEMORY_FAULT(rtt_in_steps,		RTT_CREATE, 0, 3, RMI_INCOMPLETE, 0);
MEMORY_FAULT(rtt_refused,		RTT_CREATE, 0, 2, RMI_ERROR_INPUT, EIO);
MEMORY_FAULT(rtt_is_there,		RTT_CREATE, 0, 1, RMI_ERROR_RTT | LEVEL(2), 0);
MEMORY_FAULT(entry_busy,		RTT_READ_ENTRY, 1, 3, RMI_BUSY, 0);
MEMORY_FAULT(entry_refused,		RTT_READ_ENTRY, 1, 6, RMI_ERROR_INPUT, EIO);
MEMORY_FAULT(delegate_busy,		GRANULE_RANGE_DELEGATE, 1, 3, RMI_BUSY, 0);
MEMORY_FAULT(delegate_in_steps,		GRANULE_RANGE_DELEGATE, 0, 3, RMI_INCOMPLETE, 0);
MEMORY_FAULT(delegate_data_refused,	GRANULE_RANGE_DELEGATE, 0, 1, RMI_ERROR_GRANULE, EIO);
MEMORY_FAULT(delegate_rtt_refused,	GRANULE_RANGE_DELEGATE, 1, 1, RMI_ERROR_GRANULE, ENOMEM);
MEMORY_FAULT(ripas_busy,		RTT_SET_RIPAS, 0, 3, RMI_BUSY, 0);
MEMORY_FAULT(ripas_in_steps,		RTT_SET_RIPAS, 1, 3, RMI_INCOMPLETE, 0);
MEMORY_FAULT(ripas_refused,		RTT_SET_RIPAS, 1, 2, RMI_ERROR_INPUT, EIO);

FIXTURE_SETUP(memory)
{
	setup(&self->before);
}

FIXTURE_TEARDOWN(memory)
{
	teardown(self->vm);
	expect_nothing_lost(&self->before);
}

/* Have a page of each half, in a place where there was nothing before. */
static void guest_memory(void)
{
	u64 i;

	for (i = 0; i < NR_STRIDES; i++) {
		const u64 base = PRIVATE_GPA + i * STRIDE;
		u64 *private = (u64 *)base;
		u64 *shared = (u64 *)(SHARED_GPA + i * STRIDE);

		GUEST_ASSERT_EQ(rsi_set_ripas(base, base + SZ_64K, RSI_RIPAS_RAM), RSI_SUCCESS);
		WRITE_ONCE(*private, pattern(i, 1));
		GUEST_ASSERT_EQ(READ_ONCE(*shared), pattern(i, 2));
		WRITE_ONCE(*shared, pattern(i, 3));
		GUEST_ASSERT_EQ(READ_ONCE(*private), pattern(i, 1));
	}
	GUEST_SYNC(0);
	for (i = 0; i < NR_STRIDES; i++)
		GUEST_ASSERT_EQ(READ_ONCE(*(u64 *)(PRIVATE_GPA + i * STRIDE)), pattern(i, 1));
	GUEST_DONE();
}

static u64 *shared_word(struct kvm_vm *vm, u64 i)
{
	return addr_gpa2hva(vm, SHARED_GPA + i * STRIDE);
}

static void write_shared(struct kvm_vm *vm)
{
	u64 i;

	for (i = 0; i < NR_STRIDES; i++)
		*shared_word(vm, i) = pattern(i, 2);
}

static void check_shared(struct kvm_vm *vm)
{
	u64 i;

	for (i = 0; i < NR_STRIDES; i++)
		TEST_ASSERT_EQ(*shared_word(vm, i), pattern(i, 3));
}

/* Run to a ucall. Returns how often KVM_RUN failed with @err on the way. */
static u64 run_with_errors(struct kvm_vcpu *vcpu, int err, u64 cmd)
{
	struct ucall uc;
	u64 nr = 0;
	int ret;

	while ((ret = vcpu_run_errno(vcpu))) {
		/* The realm asks for what is private already. */
		if (ret == EFAULT && vcpu->run->exit_reason == KVM_EXIT_MEMORY_FAULT)
			continue;
		TEST_ASSERT(ret == err, "KVM_RUN: %s", strerror(ret));
		nr++;
	}
	expect_ucall(vcpu, cmd, &uc);
	return nr;
}

TEST_F(memory, comes_in_the_end)
{
	struct kvm_vcpu *vcpus[2];
	u64 nr;

	self->vm = create_two_vcpus(guest_memory, vcpus);
	write_shared(self->vm);
	vm_launch(self->vm);

	/* All that is done for the first entry is done, but it is refused. */
	inject(SMC_RMI_REC_ENTER, 0, 1, RMI_ERROR_INPUT);
	ASSERT_EQ(0, vcpu_run_errno(vcpus[0]));
	ASSERT_EQ(KVM_EXIT_FAIL_ENTRY, vcpus[0]->run->exit_reason);

	rmm_inject(0, &variant->fault);
	nr = run_with_errors(vcpus[0], variant->err, UCALL_SYNC);
	if (variant->fault.fid == SMC_RMI_RTT_READ_ENTRY && variant->err) {
		/* A question that was only asked for statistics does not fail KVM_RUN. */
		EXPECT_LE(1, nr);
		EXPECT_GE(variant->fault.repeat, nr);
	} else {
		EXPECT_EQ(variant->err ? variant->fault.repeat : 0, nr);
	}
	EXPECT_EQ(variant->fault.repeat, rmm_injected(0));
	check_shared(self->vm);
	run_to_done(vcpus[0], 0);
}

/*
 * The end
 */

FIXTURE(destruction) {
	struct balance before;
};

FIXTURE_VARIANT(destruction) {
	struct rmm_fault fault;
};

#define DESTRUCTION_FAULT(_name, _fid, _skip, _repeat, _response)	\
FIXTURE_VARIANT_ADD(destruction, _name) {				\
	.fault = { SMC_RMI_##_fid, _skip, _repeat, _response },		\
}

DESTRUCTION_FAULT(rec_busy,		REC_DESTROY, 1, 3, RMI_BUSY);
DESTRUCTION_FAULT(rec_blocked,		REC_DESTROY, 0, 3, RMI_BLOCKED);
DESTRUCTION_FAULT(rec_in_steps,		REC_DESTROY, 0, 2, RMI_INCOMPLETE);
DESTRUCTION_FAULT(realm_busy,		REALM_DESTROY, 0, 3, RMI_BUSY);
DESTRUCTION_FAULT(realm_in_steps,	REALM_DESTROY, 0, 1, RMI_INCOMPLETE);
DESTRUCTION_FAULT(rtt_busy,		RTT_DESTROY, 3, 3, RMI_BUSY);
DESTRUCTION_FAULT(rtt_in_steps,		RTT_DESTROY, 0, 4, RMI_INCOMPLETE);
DESTRUCTION_FAULT(data_busy,		RTT_DATA_UNMAP, 1, 3, RMI_BUSY);
DESTRUCTION_FAULT(data_blocked,		RTT_DATA_UNMAP, 0, 3, RMI_BLOCKED);
DESTRUCTION_FAULT(data_in_steps,	RTT_DATA_UNMAP, 0, 4, RMI_INCOMPLETE);
DESTRUCTION_FAULT(undelegate_busy,	GRANULE_RANGE_UNDELEGATE, 5, 3, RMI_BUSY);
DESTRUCTION_FAULT(undelegate_in_steps,	GRANULE_RANGE_UNDELEGATE, 0, 20, RMI_INCOMPLETE);
DESTRUCTION_FAULT(reclaim_busy,		OP_MEM_RECLAIM, 0, 3, RMI_BUSY);
DESTRUCTION_FAULT(reclaim_refused,	OP_MEM_RECLAIM, 0, 1, RMI_ERROR_INPUT);
DESTRUCTION_FAULT(continue_busy,	OP_CONTINUE, 0, 3, RMI_BUSY);

FIXTURE_SETUP(destruction)
{
	setup(&self->before);
}

FIXTURE_TEARDOWN(destruction)
{
	rmm_inject_nothing();
}

/* A realm with two RECs, and memory of both halves mapped. */
static struct kvm_vm *create_with_memory(struct kvm_vcpu *vcpus[2])
{
	struct kvm_vm *vm = create_two_vcpus(guest_memory, vcpus);

	write_shared(vm);
	vm_launch(vm);
	run_with_errors(vcpus[0], 0, UCALL_SYNC);
	return vm;
}

TEST_F(destruction, leaves_nothing)
{
	struct kvm_vcpu *vcpus[2];
	struct kvm_vm *vm;

	vm = create_with_memory(vcpus);
	rmm_inject(0, &variant->fault);
	kvm_vm_free(vm);
	EXPECT_EQ(variant->fault.repeat, rmm_injected(0));
	expect_nothing_lost(&self->before);
}

/*
 * What the RMM does not give back is lost. That is all: the host knows how
 * much it is, and the next realm is none the worse.
 */

FIXTURE(loss) {
	struct balance before;
};

FIXTURE_VARIANT(loss) {
	struct rmm_fault fault;
};

#define LOSS(_name, _fid, _skip, _repeat, _response)		\
FIXTURE_VARIANT_ADD(loss, _name) {					\
	.fault = { SMC_RMI_##_fid, _skip, _repeat, _response },		\
}

LOSS(rec_refused,			REC_DESTROY, 0, 1, RMI_ERROR_REC);
LOSS(realm_refused,			REALM_DESTROY, 0, 1, RMI_ERROR_REALM);
LOSS(data_refused,			RTT_DATA_UNMAP, 1, 2, RMI_ERROR_INPUT);
LOSS(data_busy_for_ever,		RTT_DATA_UNMAP, 1, 20000, RMI_BUSY);
LOSS(undelegate_refused,		GRANULE_RANGE_UNDELEGATE, 2, 3, RMI_ERROR_GRANULE);
LOSS(undelegate_refused_late,		GRANULE_RANGE_UNDELEGATE, 40, 3, RMI_ERROR_GRANULE);

FIXTURE_SETUP(loss)
{
	setup(&self->before);
}

FIXTURE_TEARDOWN(loss)
{
	rmm_inject_nothing();
}

static void one_more_realm(void)
{
	struct balance before = balance_now();
	struct kvm_vcpu *vcpus[2];
	struct kvm_vm *vm;

	vm = create_with_memory(vcpus);
	run_to_done(vcpus[0], 0);
	kvm_vm_free(vm);
	expect_nothing_lost(&before);
}

TEST_F(loss, is_counted)
{
	struct kvm_vcpu *vcpus[2];
	struct kvm_vm *vm;

	vm = create_with_memory(vcpus);
	rmm_inject(0, &variant->fault);
	kvm_vm_free(vm);
	EXPECT_LE(1, rmm_injected(0));
	rmm_inject_nothing();
	TH_LOG("%ld granules lost", expect_loss(&self->before));
	one_more_realm();
}

/* An operation that does not get any further is abandoned after a while. */

FIXTURE(stuck) {
	struct balance before;
	struct kvm_vm *vm;
};

FIXTURE_SETUP(stuck)
{
	setup(&self->before);
}

FIXTURE_TEARDOWN(stuck)
{
	rmm_inject_nothing();
}

TEST_F_TIMEOUT(stuck, operation_is_abandoned, 120)
{
	struct kvm_vcpu *vcpus[2];

	self->vm = create_two_vcpus(guest_done, vcpus);
	vm_launch(self->vm);
	inject(SMC_RMI_OP_CONTINUE, 0, ~0UL, RMI_BUSY);
	EXPECT_EQ(EIO, vcpu_run_errno(vcpus[0]));
	rmm_inject_nothing();
	kvm_vm_free(self->vm);
	TH_LOG("%ld granules lost", expect_loss(&self->before));
	one_more_realm();
}

/* A granule that does not come back when a realm could not be created. */
TEST_F(stuck, creation_and_undelegation_fail)
{
	const struct rmm_fault refuse = {
		.fid = SMC_RMI_GRANULE_RANGE_UNDELEGATE,
		.repeat = 1,
		.response = RMI_ERROR_GRANULE,
	};
	struct kvm_vcpu *vcpus[2];

	self->vm = create_two_vcpus(guest_done, vcpus);
	inject(SMC_RMI_REALM_CREATE, 0, 1, RMI_ERROR_GLOBAL);
	rmm_inject(1, &refuse);
	populate(self->vm, EIO, 0);
	run_to_done(vcpus[0], 0);
	kvm_vm_free(self->vm);
	EXPECT_EQ(1, expect_loss(&self->before));
	one_more_realm();
}

/*
 * PSCI
 */

static u32 nr_alive;
static u64 nr_rounds;

static void guest_secondary(void)
{
	WRITE_ONCE(nr_alive, READ_ONCE(nr_alive) + 1);
	guest_psci(PSCI_0_2_FN_CPU_OFF, 0, 0, 0);
	GUEST_FAIL("CPU_OFF returned");
}

static void guest_primary(u64 entry, u64 arg)
{
	u32 i;

	for (i = 1; i <= READ_ONCE(nr_rounds); i++) {
		GUEST_ASSERT_EQ(guest_psci(PSCI_0_2_FN64_CPU_ON, 1, entry, arg), 0UL);
		/* It is on, or just about to be off again, when it starts anew. */
		guest_psci(PSCI_0_2_FN64_CPU_ON, 1, entry, arg);
		while (guest_psci(PSCI_0_2_FN64_AFFINITY_INFO, 1, 0, 0) !=
		       PSCI_0_2_AFFINITY_LEVEL_OFF)
			cpu_relax();
		GUEST_ASSERT(READ_ONCE(nr_alive) >= i);
	}
	GUEST_SYNC(READ_ONCE(nr_alive));
	guest_psci(PSCI_0_2_FN_SYSTEM_OFF, 0, 0, 0);
	GUEST_FAIL("SYSTEM_OFF returned");
}

/* KVM_RUN of a vCPU that is off, or on for a moment, is ended by a signal. */
static void *run_secondary(void *arg)
{
	struct kvm_vcpu *vcpu = arg;

	if (!__vcpu_run(vcpu))
		TEST_FAIL("Secondary vCPU: exit %u (%s), entry failure 0x%llx",
			  vcpu->run->exit_reason, exit_reason_str(vcpu->run->exit_reason),
			  vcpu->run->fail_entry.hardware_entry_failure_reason);
	TEST_ASSERT(errno == EINTR, "Secondary vCPU: %s", strerror(errno));
	return NULL;
}

static struct kvm_vm *psci_create(u64 rounds, struct kvm_vcpu *vcpus[2])
{
	struct kvm_mp_state off = { .mp_state = KVM_MP_STATE_STOPPED };
	struct kvm_vm *vm;

	vm = vm_create_kind(VM_REALM, 2, guest_primary, vcpus);
	write_guest_global(vm, nr_rounds, rounds);
	vcpu_arch_set_entry_point(vcpus[1], guest_secondary);
	vcpu_args_set(vcpus[0], 2, vcpu_boot_entry(vcpus[1]), vcpu_boot_arg(vcpus[1]));
	vcpu_mp_state_set(vcpus[1], &off);
	vm_launch(vm);
	return vm;
}

/* Returns how often the secondary vCPU was started. */
static u64 psci_run(struct kvm_vcpu *vcpus[2])
{
	pthread_t secondary;
	struct ucall uc;

	catch_signal(SIGUSR1);
	TEST_ASSERT(!pthread_create(&secondary, NULL, run_secondary, vcpus[1]),
		    "pthread_create");
	TEST_ASSERT_EQ(vcpu_run_errno(vcpus[0]), 0);
	expect_ucall(vcpus[0], UCALL_SYNC, &uc);
	TEST_ASSERT_EQ(vcpu_run_errno(vcpus[0]), 0);
	TEST_ASSERT_KVM_EXIT_REASON(vcpus[0], KVM_EXIT_SYSTEM_EVENT);
	pthread_kill(secondary, SIGUSR1);
	pthread_join(secondary, NULL);
	return uc.args[1];
}

TEST_F_TIMEOUT(realm, psci_complete_busy, 120)
{
	struct kvm_vcpu *vcpus[2];

	self->vm = psci_create(20, vcpus);
	inject(SMC_RMI_PSCI_COMPLETE, 2, 20, RMI_BUSY);
	EXPECT_LE(20, psci_run(vcpus));
	EXPECT_EQ(20, rmm_injected(0));
}

/* A second CPU_ON meets a vCPU that turns itself off. */
TEST_F_TIMEOUT(realm, psci_on_off_on_off, 300)
{
	struct kvm_vcpu *vcpus[2];

	self->vm = psci_create(400, vcpus);
	TH_LOG("400 rounds, the secondary vCPU was started %lu times", psci_run(vcpus));
}

static void guest_turn_on(u64 entry, u64 context)
{
	GUEST_ASSERT_EQ((int)guest_psci(PSCI_0_2_FN64_CPU_ON, 1, entry, context),
			PSCI_RET_SUCCESS);
	GUEST_SYNC(0);
}

static void guest_turned_on(void)
{
	GUEST_SYNC(1);
}

/* A REC that was turned on, and is refused all the same: the VMM is told. */
TEST_F(realm, refused_after_cpu_on)
{
	struct kvm_mp_state off = { .mp_state = KVM_MP_STATE_STOPPED };
	struct kvm_vcpu *vcpus[2];
	int ret;

	self->vm = vm_create_kind(VM_REALM, 2, guest_turn_on, vcpus);
	vcpu_arch_set_entry_point(vcpus[1], guest_turned_on);
	vcpu_args_set(vcpus[0], 2, vcpu_boot_entry(vcpus[1]), vcpu_boot_arg(vcpus[1]));
	vcpu_mp_state_set(vcpus[1], &off);
	vm_launch(self->vm);
	run_to_ucall(vcpus[0], UCALL_SYNC);

	inject(SMC_RMI_REC_ENTER, 0, 1, RMI_ERROR_REC);
	catch_signal(SIGALRM);
	alarm(20);
	ret = __vcpu_run(vcpus[1]);
	alarm(0);
	ASSERT_EQ(0, ret);
	EXPECT_EQ(KVM_EXIT_FAIL_ENTRY, vcpus[1]->run->exit_reason);
	EXPECT_EQ(RMI_ERROR_REC, vcpus[1]->run->fail_entry.hardware_entry_failure_reason);

	/* And it is on. */
	run_to_ucall(vcpus[1], UCALL_SYNC);
}

/* The realm cannot be told, and the RMM does not let the REC in any more. */
TEST_F(realm, psci_complete_refused)
{
	struct kvm_vcpu *vcpus[2];

	self->vm = psci_create(1, vcpus);
	inject(SMC_RMI_PSCI_COMPLETE, 0, 1, RMI_ERROR_INPUT);
	EXPECT_EQ(EIO, vcpu_run_errno(vcpus[0]));
	EXPECT_EQ(0, vcpu_run_errno(vcpus[0]));
	EXPECT_EQ(KVM_EXIT_FAIL_ENTRY, vcpus[0]->run->exit_reason);
	EXPECT_EQ(RMI_ERROR_REC, vcpus[0]->run->fail_entry.hardware_entry_failure_reason);
}

/*
 * The answer to a host call goes to memory of the realm. If that is not there
 * any more, the entry ends in a fault, and the answer is wanted once more.
 */

static struct rsi_host_call call_page __aligned(SZ_64K);
static u8 call_page_end[0] __aligned(SZ_64K) __maybe_unused;

static void guest_calls_host(void)
{
	u64 round;
	int i;

	for (round = 0; round < 3; round++) {
		call_page.imm = 0;
		for (i = 0; i < 31; i++)
			call_page.gprs[i] = pattern(round, i);
		call_page.gprs[0] = FORWARDED_FN;
		GUEST_ASSERT_EQ(rsi_host_call(&call_page), RSI_SUCCESS);
		for (i = 0; i < 31; i++)
			GUEST_ASSERT_EQ(call_page.gprs[i], ~pattern(round, i));
	}
	GUEST_DONE();
}

/* From another vCPU, as the caller itself waits. */
static void guest_brings_back(gpa_t gpa, u64 size)
{
	u64 response;
	gpa_t next;

	for (;;) {
		GUEST_ASSERT_EQ(rsi_ipa_state_set(gpa, gpa + size, RSI_RIPAS_RAM, 1, &next,
						  &response), RSI_SUCCESS);
		GUEST_ASSERT_EQ(response, (u64)RSI_RESPONSE_ACCEPT);
		GUEST_ASSERT_EQ(next, gpa + size);
		GUEST_SYNC(0);
	}
}

static void take_page_away(struct kvm_vcpu *other, gpa_t gpa)
{
	vm_guest_mem_punch_hole(other->vm, gpa, other->vm->page_size);
	run_with_errors(other, 0, UCALL_SYNC);
}

TEST_F(realm, host_call_answer_survives)
{
	struct kvm_vcpu *vcpus[2];
	u64 round;
	gpa_t gpa;

	self->vm = vm_create_kind(VM_REALM, 2, guest_calls_host, vcpus);
	vcpu_arch_set_entry_point(vcpus[1], guest_brings_back);
	gpa = addr_gva2gpa(self->vm, (gva_t)&call_page);
	vcpu_args_set(vcpus[1], 2, gpa, self->vm->page_size);
	forward_calls(self->vm);
	vm_launch(self->vm);

	/* With the page in place, without it, and with the RMM busy then. */
	for (round = 0; round < 3; round++) {
		ASSERT_EQ(0, vcpu_run_errno(vcpus[0]));
		TEST_ASSERT_KVM_EXIT_REASON(vcpus[0], KVM_EXIT_HYPERCALL);
		script_answer_call(vcpus[0], round);
		EXPECT_EQ(-1, __vcpu_set_reg(vcpus[0], ARM64_CORE_REG(regs.pc), 0));
		if (round >= 1)
			take_page_away(vcpus[1], gpa);
		if (round == 2)
			inject(SMC_RMI_REC_ENTER, 1, 4, RMI_BUSY);
	}
	run_to_done(vcpus[0], 0);
	EXPECT_EQ(4, rmm_injected(0));
}

int main(int argc, char *argv[])
{
	const char *reason;

	test_require_realms();
	__TEST_REQUIRE(rmm_has_test_control(&reason), "%s", reason);
	return test_harness_run(argc, argv);
}
