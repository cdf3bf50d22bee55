/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A realm of one page of code, which can be mapped anywhere: it asks the host, by a host call,
 * for the registers of an SMC, makes that SMC, and hands the result over with the next host call.
 * For tests that must know all of a realm's contents.
 */
#ifndef TESTS_SMC_PAGE_H
#define TESTS_SMC_PAGE_H

/* Where struct rsi_host_call lies in the page */
#define SMC_PAGE_CALL		0x800

#ifndef __ASSEMBLER__

#include "realm.h"

/**
 * smc_page_copy() - fill a page with the code
 * @page: memory of the host
 */
void smc_page_copy(void *page);

/**
 * smc_page_start_rec() - first entry of a REC that executes the page
 * @r: the realm
 * @n: number of the REC
 */
void smc_page_start_rec(struct realm *r, unsigned int n);

/**
 * smc_page_call() - let a REC make an SMC
 * @r: the realm
 * @n: number of the REC, after smc_page_start_rec()
 * @regs: X0 to X17 before and after
 */
void smc_page_call(struct realm *r, unsigned int n, struct arm_smccc_1_2_regs *regs);

#endif /* !__ASSEMBLER__ */
#endif /* TESTS_SMC_PAGE_H */
