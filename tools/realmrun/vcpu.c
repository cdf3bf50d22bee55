// SPDX-License-Identifier: GPL-2.0-only
/*
 * vCPUs: a thread for each, and what they come back for.
 */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"
#include "error.h"
#include "vm.h"
#include "loop.h"
#include "map.h"
#include "memory.h"
#include "vcpu.h"

#define CORE_REG(name)	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | \
			 KVM_REG_ARM_CORE_REG(name))

/* So often may a vCPU ask for the same conversion when there is nothing to do */
#define MAX_REPEATS	100

/**
 * struct vcpu - a vCPU
 * @index:	Its number.
 * @fd:		Its file descriptor.
 * @run:	What it shares with KVM.
 * @thread:	Its thread.
 * @exits:	How often it came back, and for what.
 * @fault_gpa:	Memory of the last conversion that was already as asked for.
 * @repeats:	How often that came in a row.
 */
struct vcpu {
	unsigned int index;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	u64 exits[NR_EXIT_KINDS];
	u64 fault_gpa;
	unsigned int repeats;
};

const char *const exit_kind_names[NR_EXIT_KINDS] = {
	[VCPU_MMIO]		= "mmio",
	[VCPU_MEMORY_FAULT]	= "memory conversion",
	[VCPU_HYPERCALL]	= "host call",
	[VCPU_SYSTEM_EVENT]	= "system event",
	[VCPU_SHUTDOWN]		= "shutdown",
	[VCPU_SIGNAL]		= "signal",
};

static struct vcpu vcpus[MAX_CPUS];
static unsigned int nr_vcpus;
static bool stopping;

static void set_reg(struct vcpu *vcpu, u64 id, u64 value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	xioctl(vcpu->fd, KVM_SET_ONE_REG, &reg);
}

static void set_feature(struct kvm_vcpu_init *init, unsigned int feature)
{
	init->features[feature / 32] |= 1U << feature % 32;
}

static void init_features(struct vcpu *vcpu, bool sve)
{
	struct kvm_vcpu_init init;
	int feature = KVM_ARM_VCPU_SVE;

	xioctl(vm.fd, KVM_ARM_PREFERRED_TARGET, &init);
	set_feature(&init, KVM_ARM_VCPU_PSCI_0_2);
	if (vcpu->index)
		set_feature(&init, KVM_ARM_VCPU_POWER_OFF);
	if (vm_has_cap(KVM_CAP_ARM_PTRAUTH_ADDRESS) &&
	    vm_has_cap(KVM_CAP_ARM_PTRAUTH_GENERIC)) {
		set_feature(&init, KVM_ARM_VCPU_PTRAUTH_ADDRESS);
		set_feature(&init, KVM_ARM_VCPU_PTRAUTH_GENERIC);
	}
	if (sve)
		set_feature(&init, KVM_ARM_VCPU_SVE);
	xioctl(vcpu->fd, KVM_ARM_VCPU_INIT, &init);
	if (sve)
		xioctl(vcpu->fd, KVM_ARM_VCPU_FINALIZE, &feature);
}

/**
 * vcpu_init() - Create the vCPUs
 * @opts: how many, and what kind of
 */
void vcpu_init(const struct options *opts)
{
	int most = vm_has_cap(KVM_CAP_MAX_VCPUS);

	if (most && opts->cpus > (unsigned int)most)
		die("--cpus %u: the host has at most %d for such a VM", opts->cpus, most);
	if (opts->sve && !vm_has_cap(KVM_CAP_ARM_SVE))
		die("--sve: the host has no SVE for such a VM");

	for (nr_vcpus = 0; nr_vcpus < opts->cpus; nr_vcpus++) {
		struct vcpu *vcpu = &vcpus[nr_vcpus];
		unsigned long index = nr_vcpus;

		vcpu->index = index;
		vcpu->fd = xioctl(vm.fd, KVM_CREATE_VCPU, (void *)index);
		vcpu->run = mmap(NULL, kvm_vcpu_mmap_size(), PROT_READ | PROT_WRITE,
				 MAP_SHARED, vcpu->fd, 0);
		if (vcpu->run == MAP_FAILED)
			die_call("mmap", errno);
		init_features(vcpu, opts->sve);
	}
}

static u64 get_data(const struct kvm_run *run)
{
	u64 value = 0;

	memcpy(&value, run->mmio.data, min(run->mmio.len, 8U));
	return value;
}

static void set_data(struct kvm_run *run, u64 value)
{
	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	memcpy(run->mmio.data, &value, min(run->mmio.len, 8U));
}

/* What is at no device reads as zero. Said once, as a guest may do it for ever. */
static void no_device(const struct kvm_run *run)
{
	static bool said;

	if (!__atomic_exchange_n(&said, true, __ATOMIC_RELAXED))
		message("the guest %s 0x%llx, where there is no device",
			run->mmio.is_write ? "writes to" : "reads from",
			(u64)run->mmio.phys_addr);
}

static enum exit_kind handle_mmio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	struct device *dev = device_at(run->mmio.phys_addr, run->mmio.len);
	u64 offset;

	if (!dev) {
		no_device(run);
		if (!run->mmio.is_write)
			set_data(run, 0);
		return VCPU_MMIO;
	}

	offset = run->mmio.phys_addr - dev->base;
	if (run->mmio.is_write) {
		__atomic_add_fetch(&dev->writes, 1, __ATOMIC_RELAXED);
		dev->write(dev, offset, run->mmio.len, get_data(run));
	} else {
		__atomic_add_fetch(&dev->reads, 1, __ATOMIC_RELAXED);
		set_data(run, dev->read(dev, offset, run->mmio.len));
	}
	return VCPU_MMIO;
}

/*
 * Either the realm asks for a conversion, or it has used memory in a way that
 * does not go with what it is now: KVM does not tell these apart, and the answer
 * is the same. But an access that cannot be helped would come again for ever.
 */
static enum exit_kind handle_memory_fault(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	u64 gpa = run->memory_fault.gpa, size = run->memory_fault.size;
	bool private = run->memory_fault.flags & KVM_MEMORY_EXIT_FLAG_PRIVATE;

	if (!vm.realm)
		die("the host cannot get at the guest's memory at 0x%llx", gpa);

	if (memory_convert(gpa, size, private) || gpa != vcpu->fault_gpa)
		vcpu->repeats = 0;
	else if (++vcpu->repeats > MAX_REPEATS)
		die("cpu %u cannot go on: it needs %s memory at 0x%llx, where there is none",
		    vcpu->index, private ? "private" : "shared", gpa);
	vcpu->fault_gpa = gpa;
	return VCPU_MEMORY_FAULT;
}

/* None of ours: as for any call that nobody implements. */
static enum exit_kind handle_hypercall(struct vcpu *vcpu)
{
	set_reg(vcpu, CORE_REG(regs.regs[0]), -1ULL);
	return VCPU_HYPERCALL;
}

static enum exit_kind handle_system_event(struct vcpu *vcpu)
{
	const u32 type = vcpu->run->system_event.type;

	switch (type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		loop_end(EXIT_POWER_OFF);
		break;
	case KVM_SYSTEM_EVENT_RESET:
		loop_end(EXIT_RESET);
		break;
	case KVM_SYSTEM_EVENT_CRASH:
		loop_end(EXIT_CRASH);
		break;
	default:
		die("cpu %u: system event %u, not asked for", vcpu->index, type);
	}
	return VCPU_SYSTEM_EVENT;
}

static void __noreturn unexpected_exit(const struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_FAIL_ENTRY:
		die("cpu %u cannot be entered: 0x%llx, see dmesg of the host", vcpu->index,
		    (u64)run->fail_entry.hardware_entry_failure_reason);
	case KVM_EXIT_INTERNAL_ERROR:
		die("cpu %u: KVM_EXIT_INTERNAL_ERROR %u (0x%llx, 0x%llx)", vcpu->index,
		    run->internal.suberror,
		    run->internal.ndata > 0 ? (u64)run->internal.data[0] : 0,
		    run->internal.ndata > 1 ? (u64)run->internal.data[1] : 0);
	default:
		die("cpu %u: exit %u from KVM_RUN, not expected", vcpu->index,
		    run->exit_reason);
	}
}

static enum exit_kind handle_exit(struct vcpu *vcpu)
{
	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_MMIO:
		return handle_mmio(vcpu);
	case KVM_EXIT_HYPERCALL:
		return handle_hypercall(vcpu);
	case KVM_EXIT_SYSTEM_EVENT:
		return handle_system_event(vcpu);
	case KVM_EXIT_SHUTDOWN:
		/* Another vCPU has just turned the realm off, and says so itself */
		return VCPU_SHUTDOWN;
	}
	unexpected_exit(vcpu);
}

static enum exit_kind run_once(struct vcpu *vcpu)
{
	if (!ioctl(vcpu->fd, KVM_RUN, NULL))
		return handle_exit(vcpu);
	if (errno == EINTR || errno == EAGAIN)
		return VCPU_SIGNAL;
	if (errno == EFAULT && vcpu->run->exit_reason == KVM_EXIT_MEMORY_FAULT)
		return handle_memory_fault(vcpu);
	die_call("KVM_RUN", errno);
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *vcpu = arg;
	enum exit_kind kind;

	do {
		kind = run_once(vcpu);
		vcpu->exits[kind]++;
	} while (kind != VCPU_SYSTEM_EVENT && kind != VCPU_SHUTDOWN &&
		 !__atomic_load_n(&stopping, __ATOMIC_ACQUIRE));
	return NULL;
}

/* Its delivery is all that counts. */
static void kicked(int number)
{
}

/**
 * vcpu_start() - Let the vCPUs run
 * @boot: where the first one starts; it starts the others
 */
void vcpu_start(const struct boot *boot)
{
	struct sigaction action = { .sa_handler = kicked };

	sigaction(SIGUSR1, &action, NULL);

	set_reg(&vcpus[0], CORE_REG(regs.pc), boot->entry);
	set_reg(&vcpus[0], CORE_REG(regs.regs[0]), boot->fdt);
	for (unsigned int i = 0; i < nr_vcpus; i++) {
		errno = pthread_create(&vcpus[i].thread, NULL, vcpu_thread, &vcpus[i]);
		if (errno)
			die_errno("thread of cpu %u", i);
	}
}

/**
 * vcpu_stop() - Stop all vCPUs, for good
 */
void vcpu_stop(void)
{
	__atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < nr_vcpus; i++) {
		/* In KVM_RUN the signal ends it, before it this does */
		__atomic_store_n(&vcpus[i].run->immediate_exit, 1, __ATOMIC_SEQ_CST);
		pthread_kill(vcpus[i].thread, SIGUSR1);
	}
	for (unsigned int i = 0; i < nr_vcpus; i++)
		pthread_join(vcpus[i].thread, NULL);
}

/**
 * vcpu_exits() - Tell how often a vCPU came back from KVM_RUN
 * @cpu: which
 * @kind: for what
 *
 * Return: the number, after vcpu_stop().
 */
u64 vcpu_exits(unsigned int cpu, enum exit_kind kind)
{
	return vcpus[cpu].exits[kind];
}

/**
 * vcpu_fd() - Get at a vCPU
 * @cpu: which
 *
 * Return: its file descriptor.
 */
int vcpu_fd(unsigned int cpu)
{
	return vcpus[cpu].fd;
}
