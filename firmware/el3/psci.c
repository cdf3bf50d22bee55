// SPDX-License-Identifier: GPL-2.0-only
/* PSCI 1.1 (Arm DEN0022) for the host. A CPU that is off waits at EL3. */
#include <linux/arm-smccc.h>
#include <memmap.h>
#include <spinlock.h>
#include <sysreg.h>
#include "el3.h"

#define PSCI_64BIT		0x40000000U
#define PSCI_VERSION		0x84000000U
#define PSCI_CPU_SUSPEND	0x84000001U
#define PSCI_CPU_OFF		0x84000002U
#define PSCI_CPU_ON		0x84000003U
#define PSCI_AFFINITY_INFO	0x84000004U
#define PSCI_MIGRATE_INFO_TYPE	0x84000006U
#define PSCI_SYSTEM_OFF		0x84000008U
#define PSCI_SYSTEM_RESET	0x84000009U
#define PSCI_FEATURES		0x8400000aU

#define PSCI_VERSION_1_1	0x10001
#define MIGRATE_NOT_NEEDED	2		/* there is no Trusted OS */
#define POWER_STATE_POWERDOWN	BIT(16)

#define PSCI_SUCCESS		0
#define PSCI_NOT_SUPPORTED	-1
#define PSCI_INVALID_PARAMETERS	-2
#define PSCI_ALREADY_ON		-4
#define PSCI_ON_PENDING		-5
#define PSCI_INVALID_ADDRESS	-9

/* As AFFINITY_INFO answers them. */
enum cpu_state {
	CPU_ON,
	CPU_OFF,
	CPU_ON_PENDING,
};

/**
 * struct psci_cpu - one CPU's power state
 * @state: whether it runs
 * @entry: where it starts in the Non-secure world
 * @context_id: its x0 then
 * @big_endian: the endianness it starts with, that of the caller of CPU_ON
 */
struct psci_cpu {
	enum cpu_state state;
	u64 entry;
	u64 context_id;
	bool big_endian;
};

static struct psci_cpu cpus[MAX_CPUS] = {
	[0 ... MAX_CPUS - 1] = { .state = CPU_OFF },
};

static spinlock_t psci_lock = SPINLOCK_INIT;

/**
 * psci_host_address() - whether the Non-secure world may start there
 * @pa: the address
 *
 * Return: true for DRAM that is not the RMM's; whether it is delegated does not matter, a CPU
 * that starts in a delegated granule takes a granule protection fault.
 */
bool psci_host_address(u64 pa)
{
	return IS_ALIGNED(pa, 4) && pa >= DRAM_BASE && pa - DRAM_BASE < machine.dram_size &&
	       (pa < RMM_BASE || pa >= RMM_BASE + RMM_SIZE);
}

/* NULL for an MPIDR that is none of ours. */
static struct psci_cpu *find_cpu(u64 mpidr)
{
	return mpidr < min(machine.nr_cpus, (unsigned int)MAX_CPUS) ? &cpus[mpidr] : NULL;
}

void psci_boot_cpu_is_on(void)
{
	cpus[cpu_index()].state = CPU_ON;
}

static long cpu_on(u64 target, u64 entry, u64 context_id)
{
	struct psci_cpu *cpu = find_cpu(target);
	long ret = PSCI_SUCCESS;

	if (!cpu)
		return PSCI_INVALID_PARAMETERS;
	if (!psci_host_address(entry))
		return PSCI_INVALID_ADDRESS;

	spin_lock(&psci_lock);
	if (cpu->state == CPU_ON) {
		ret = PSCI_ALREADY_ON;
	} else if (cpu->state == CPU_ON_PENDING) {
		ret = PSCI_ON_PENDING;
	} else {
		cpu->entry = entry;
		cpu->context_id = context_id;
		cpu->big_endian = read_sysreg(sctlr_el2) & SCTLR_EE;
		cpu->state = CPU_ON_PENDING;
	}
	spin_unlock(&psci_lock);

	if (ret == PSCI_SUCCESS)
		gic_wake(target);

	return ret;
}

static long affinity_info(u64 target, u64 lowest_level)
{
	struct psci_cpu *cpu = find_cpu(target);

	if (!cpu || lowest_level != 0)
		return PSCI_INVALID_PARAMETERS;

	return READ_ONCE(cpu->state);
}

/* What happens to a CPU that is slow to turn itself off. */
static void delay_for_test(const struct psci_cpu *cpu)
{
	while (knob(TEST_KNOB_CPU_ON_DELAY) && READ_ONCE(cpu->state) != CPU_ON_PENDING)
		cpu_relax();
}

/* Until CPU_ON names this CPU; then into the Non-secure world. */
void psci_wait_for_on(void)
{
	struct psci_cpu *cpu = &cpus[cpu_index()];

	delay_for_test(cpu);

	/*
	 * Each CPU_ON sends one wake-up, after it has said where to start. It has to be taken here
	 * even if CPU_ON has come already: left pending it is a FIQ that the host does not know.
	 */
	gic_sleep();
	spin_lock(&psci_lock);
	assert(cpu->state == CPU_ON_PENDING);
	cpu->state = CPU_ON;
	spin_unlock(&psci_lock);

	el3_start_host(cpu->entry, cpu->context_id, cpu->big_endian);
}

static __noreturn void cpu_off(void)
{
	spin_lock(&psci_lock);
	cpus[cpu_index()].state = CPU_OFF;
	spin_unlock(&psci_lock);
	psci_wait_for_on();
}

/* Only the standby state: as if the host had executed WFI itself. */
static long cpu_suspend(u64 power_state)
{
	if (power_state & POWER_STATE_POWERDOWN)
		return PSCI_INVALID_PARAMETERS;

	dsb(sy);
	wfi();
	return PSCI_SUCCESS;
}

static long psci_features(u32 fid)
{
	switch (fid) {
	case PSCI_VERSION:
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND | PSCI_64BIT:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON:
	case PSCI_CPU_ON | PSCI_64BIT:
	case PSCI_AFFINITY_INFO:
	case PSCI_AFFINITY_INFO | PSCI_64BIT:
	case PSCI_MIGRATE_INFO_TYPE:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_FEATURES:
	case SMCCC_VERSION:
		return PSCI_SUCCESS;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

/**
 * psci_call() - answer an SMC of the host if it is a PSCI function
 * @regs: its registers
 *
 * Return: false if it is none and @regs is unchanged
 */
bool psci_call(struct trap_regs *regs)
{
	u32 fid = regs->x[0];
	u64 arg[3];
	long ret;

	for (int i = 0; i < 3; i++)
		arg[i] = fid & PSCI_64BIT ? regs->x[i + 1] : (u32)regs->x[i + 1];

	switch (fid) {
	case PSCI_VERSION:
		ret = PSCI_VERSION_1_1;
		break;
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND | PSCI_64BIT:
		ret = cpu_suspend(arg[0]);
		break;
	case PSCI_CPU_OFF:
		cpu_off();
	case PSCI_CPU_ON:
	case PSCI_CPU_ON | PSCI_64BIT:
		ret = cpu_on(arg[0], arg[1], arg[2]);
		break;
	case PSCI_AFFINITY_INFO:
	case PSCI_AFFINITY_INFO | PSCI_64BIT:
		ret = affinity_info(arg[0], arg[1]);
		break;
	case PSCI_MIGRATE_INFO_TYPE:
		ret = MIGRATE_NOT_NEEDED;
		break;
	case PSCI_SYSTEM_OFF:
		machine_power_off();
	case PSCI_SYSTEM_RESET:
		machine_reset();
	case PSCI_FEATURES:
		ret = psci_features(arg[0]);
		break;
	default:
		return false;
	}

	regs->x[0] = ret;
	return true;
}
