// SPDX-License-Identifier: GPL-2.0-only
/* The monitor's half of el3_rmm.h: load the RMM, carry calls to it and answer its own. */
#include <el3_rmm.h>
#include <linux/arm-smccc.h>
#include <memmap.h>
#include <string.h>
#include <sysreg.h>
#include "el3.h"

/* What the RMM's part of a CPU is doing. */
enum rmm_state {
	RMM_NOT_STARTED,
	RMM_BOOTING,
	RMM_READY,
	RMM_FAILED,
};

static enum rmm_state rmm_state[MAX_CPUS];
static bool present;

bool rmm_present(void)
{
	return present;
}

static void write_manifest(void)
{
	*(struct el3_rmm_manifest *)RMM_MANIFEST_BASE = (struct el3_rmm_manifest){
		.magic = EL3_RMM_MANIFEST_MAGIC,
		.nr_cpus = min(machine.nr_cpus, (unsigned int)MAX_CPUS),
		.dram_base = DRAM_BASE,
		.dram_size = machine.dram_size,
		.rmm_base = RMM_BASE,
		.rmm_size = RMM_SIZE,
		.test_control = TEST_CONTROL_BASE,
		.gpccr = read_sysreg(GPCCR_EL3),
	};
}

/**
 * rmm_load() - copy the RMM from flash to its place
 *
 * Return: false if the flash has none; the machine then runs without realms
 */
bool rmm_load(void)
{
	const struct rmm_image_header *header = (const void *)(FLASH_BASE + FLASH_RMM_OFFSET);

	if (header->magic != RMM_IMAGE_MAGIC)
		return false;
	if (header->load_size > header->mem_size || header->mem_size > RMM_SIZE - SZ_4K)
		panic("RMM image of 0x%llx bytes does not fit", header->mem_size);

	memcpy((void *)RMM_BASE, header, header->load_size);
	memset((void *)(RMM_BASE + header->load_size), 0, RMM_SIZE - header->load_size);
	write_manifest();
	clean_to_poc(RMM_BASE, RMM_SIZE);
	present = true;
	return true;
}

/**
 * rmm_first_entry() - let the RMM boot on this CPU if it has not yet
 * @regs: registers to enter the lower EL with
 *
 * The Non-secure world has been prepared; it starts when the RMM is done.
 */
void rmm_first_entry(struct trap_regs *regs)
{
	unsigned int cpu = cpu_index();
	const u64 args[4] = {
		cpu, EL3_RMM_VERSION, min(machine.nr_cpus, (unsigned int)MAX_CPUS),
		RMM_MANIFEST_BASE,
	};

	if (!present || rmm_state[cpu] != RMM_NOT_STARTED) {
		world_start(WORLD_NS, regs);
		return;
	}

	world_prepare(WORLD_REALM, RMM_BASE, args, false);
	rmm_state[cpu] = RMM_BOOTING;
	world_start(WORLD_REALM, regs);
}

/**
 * rmm_forward() - hand an RMI call of the host to the RMM
 * @regs: the host's registers; the RMM's when the world has been switched
 */
void rmm_forward(struct trap_regs *regs)
{
	u64 call[18];

	if (rmm_state[cpu_index()] != RMM_READY) {
		regs->x[0] = SMCCC_RET_NOT_SUPPORTED;
		return;
	}

	memcpy(call, regs->x, sizeof(call));
	world_switch(regs);
	memcpy(regs->x, call, sizeof(call));
}

/* x1 to x17 of the RMM become x0 to x16 of the host. */
static void answer_host(struct trap_regs *regs)
{
	u64 result[17];

	memcpy(result, &regs->x[1], sizeof(result));
	world_switch(regs);
	memcpy(regs->x, result, sizeof(result));
}

static void boot_complete(struct trap_regs *regs)
{
	unsigned int cpu = cpu_index();
	s64 error = regs->x[1];

	rmm_state[cpu] = error ? RMM_FAILED : RMM_READY;
	if (error)
		printf("EL3: RMM does not start on CPU %u: %lld\n", cpu, error);
	world_switch(regs);
}

static void write_packed(const struct trap_regs *regs, void (*write)(const char *s, size_t len))
{
	write((const char *)&regs->x[2], min(regs->x[1], (u64)EL3_RMM_CONSOLE_MAX));
}

static void stop(const char *s, size_t len)
{
	machine_stop(s, len);
}

/**
 * rmm_call() - an SMC of the RMM
 * @regs: its registers
 */
void rmm_call(struct trap_regs *regs)
{
	bool booting = rmm_state[cpu_index()] == RMM_BOOTING;

	switch (regs->x[0]) {
	case RMM_BOOT_COMPLETE:
		if (!booting)
			break;
		boot_complete(regs);
		return;
	case RMM_RMI_REQ_COMPLETE:
		if (booting)
			break;
		answer_host(regs);
		return;
	case RMM_GTSI_DELEGATE:
		regs->x[0] = gpt_delegate(regs->x[1]);
		return;
	case RMM_GTSI_UNDELEGATE:
		regs->x[0] = gpt_undelegate(regs->x[1]);
		return;
	case EL3_RMM_CONSOLE_WRITE:
		write_packed(regs, console_write);
		regs->x[0] = E_RMM_OK;
		return;
	case EL3_RMM_PANIC:
		write_packed(regs, stop);
		return;
	}

	regs->x[0] = E_RMM_UNK;
}
