// SPDX-License-Identifier: GPL-2.0-only
/* The RMM on each CPU: set up, then one RMI command after the other, for ever. */
#include <linux/arm-smccc.h>
#include <console.h>
#include <el3_rmm.h>
#include <memmap.h>
#include <sysreg.h>
#include "cpu.h"
#include "granule.h"
#include "inject_answer.h"
#include "rmi.h"
#include "rmm.h"
#include "run.h"

static const struct el3_rmm_manifest *boot_manifest;
static struct rmm_cpu cpus[RMM_MAX_CPUS];

const struct el3_rmm_manifest *rmm_manifest(void)
{
	return boot_manifest;
}

/* Once, on the first CPU. The granule table lies behind the image, zeroed by EL3. */
static void init_once(const struct el3_rmm_manifest *m)
{
	unsigned long table = (unsigned long)__image_end;
	unsigned long room = m->rmm_base + m->rmm_size - SZ_4K - table;

	boot_manifest = m;
	if (granule_init(m->dram_base, m->dram_size, __image_end) > room)
		panic("no room for the granule table");
	granule_reserve(m->rmm_base, m->rmm_size);
	if (m->test_control)
		granule_reserve(m->test_control, GRANULE_SIZE);
	test_control_init(m->test_control);
	printf("RMM: test firmware, not a product. RMI %lu.%lu, %llu MB of DRAM\n", RMI_ABI_MAJOR,
	       RMI_ABI_MINOR, m->dram_size >> 20);
}

static void serve(long boot_result)
{
	u64 x[18] = { RMM_BOOT_COMPLETE, boot_result };

	for (;;) {
		arm_smccc_1_2_smc((void *)x, (void *)x);
		rmi_dispatch(x);
		/* The answer moves up by one register: x0 says what this call is. */
		for (int i = 17; i > 0; i--)
			x[i] = x[i - 1];
		x[0] = RMM_RMI_REQ_COMPLETE;
	}
}

void rmm_main(unsigned long cpu, unsigned long version, unsigned long nr_cpus,
	      const struct el3_rmm_manifest *manifest)
{
	if (version != EL3_RMM_VERSION || manifest->magic != EL3_RMM_MANIFEST_MAGIC)
		panic("EL3 is not the one this RMM was built for");
	if (cpu >= RMM_MAX_CPUS)
		panic("more CPUs than the RMM has room for");

	if (!boot_manifest)
		init_once(manifest);

	cpus[cpu].id = cpu;
	cpus[cpu].rec = NULL;
	write_sysreg((u64)&cpus[cpu], tpidr_el2);
	rec_run_init();
	if (test_control_knob(TEST_KNOB_RMM_STACK_OVERFLOW) == cpu + 1)
		test_overflow_stack(RMM_STACK_SIZE);

	serve(0);
	__builtin_unreachable();
}
