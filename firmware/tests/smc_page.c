// SPDX-License-Identifier: GPL-2.0-only
/* A realm that makes SMCs for the test, see smc_page.h. */
#include <string.h>
#include "realm_run.h"
#include "smc_page.h"

extern const u8 smc_page_start[], smc_page_end[];

void smc_page_copy(void *page)
{
	memcpy(page, smc_page_start, smc_page_end - smc_page_start);
}

void smc_page_start_rec(struct realm *r, unsigned int n)
{
	enter_host_call(r, n, 0);
}

void smc_page_call(struct realm *r, unsigned int n, struct arm_smccc_1_2_regs *regs)
{
	memcpy(r->rec[n].run->enter.gprs, regs, sizeof(*regs));
	memcpy(regs, enter_host_call(r, n, 0)->gprs, sizeof(*regs));
}
