// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long a test may take. Each CPU that works for a test has a deadline: waits end then, and
 * so does a REC that runs, as the EL2 physical timer's interrupt becomes pending.
 */
#include <sysreg.h>
#include "harness.h"

#define DEFAULT_SECONDS		60
#define NO_DEADLINE		(~0ULL)

#define CNTHP_CTL_ENABLE	BIT(0)

static unsigned int seconds = DEFAULT_SECONDS;

/* Written by CPU 0 while the CPU has no work, or to recall it. */
static u64 deadline[MAX_CPUS] = { [0 ... MAX_CPUS - 1] = NO_DEADLINE };

static u64 my_deadline(void)
{
	return __atomic_load_n(&deadline[cpu_index()], __ATOMIC_ACQUIRE);
}

static void set_deadline(unsigned int cpu, u64 end)
{
	__atomic_store_n(&deadline[cpu], end, __ATOMIC_RELEASE);
}

static void timer_at(u64 cval)
{
	write_sysreg(0, cnthp_ctl_el2);
	if (cval != NO_DEADLINE) {
		write_sysreg(cval, cnthp_cval_el2);
		write_sysreg(CNTHP_CTL_ENABLE, cnthp_ctl_el2);
	}
	isb();
}

void timer_start(unsigned long us)
{
	u64 ticks = us * (read_sysreg(cntfrq_el0) / 1000000);

	timer_at(min(read_sysreg(cntpct_el0) + ticks, my_deadline()));
}

void timer_stop(void)
{
	timer_at(my_deadline());
}

bool test_expired(void)
{
	return read_sysreg(cntpct_el0) >= my_deadline();
}

unsigned int limit_seconds(void)
{
	return seconds;
}

void limit_set(unsigned int new_seconds)
{
	seconds = new_seconds;
}

void limit_start(void)
{
	set_deadline(cpu_index(), read_sysreg(cntpct_el0) + seconds * read_sysreg(cntfrq_el0));
	timer_stop();
}

void limit_share(unsigned int cpu)
{
	set_deadline(cpu, my_deadline());
}

void limit_cut(unsigned int cpu)
{
	set_deadline(cpu, 0);
}

void limit_end(void)
{
	set_deadline(cpu_index(), NO_DEADLINE);
	timer_stop();
}
