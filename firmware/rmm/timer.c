// SPDX-License-Identifier: GPL-2.0-only
/*
 * EL1 timers of a realm (DEN0137 A6.2).
 *
 * Both counters read without an offset. A timer whose output was asserted when the
 * host was told last must not pull the realm out again and again: its signal is masked
 * at EL2 until the next exit. The host learns of a change of an output at once: from
 * the timer's own interrupt, or because the RMM looks before it resumes the realm.
 */
#include <linux/bits.h>
#include <sysreg.h>
#include "run.h"

#define CNT_CTL_ENABLE		BIT_ULL(0)
#define CNT_CTL_IMASK		BIT_ULL(1)
#define CNT_CTL_ISTATUS		BIT_ULL(2)

/* CNTHCTL_EL2 with HCR_EL2.E2H set */
#define CNTHCTL_EL1PCTEN	BIT_ULL(10)
#define CNTHCTL_EL1PTEN		BIT_ULL(11)
#define CNTHCTL_CNTVMASK	BIT_ULL(18)
#define CNTHCTL_CNTPMASK	BIT_ULL(19)

static bool output_asserted(u64 ctl)
{
	return (ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK | CNT_CTL_ISTATUS)) ==
	       (CNT_CTL_ENABLE | CNT_CTL_ISTATUS);
}

void timer_load(const struct rec_context *ctx)
{
	u64 cnthctl = CNTHCTL_EL1PCTEN | CNTHCTL_EL1PTEN;

	/* CNTPOFF_EL2 has no effect, because CNTHCTL_EL2.ECV is clear. */
	write_sysreg(0, cntvoff_el2);

	if (output_asserted(ctx->el1.cntv_ctl_el0))
		cnthctl |= CNTHCTL_CNTVMASK;
	if (output_asserted(ctx->el1.cntp_ctl_el0))
		cnthctl |= CNTHCTL_CNTPMASK;
	write_sysreg(cnthctl, cnthctl_el2);
	isb();
}

bool timer_output_changed(const struct rec_context *ctx)
{
	return output_asserted(read_sysreg(CNTV_CTL_EL02)) !=
		       output_asserted(ctx->el1.cntv_ctl_el0) ||
	       output_asserted(read_sysreg(CNTP_CTL_EL02)) !=
		       output_asserted(ctx->el1.cntp_ctl_el0);
}

void timer_report(const struct rec_context *ctx, struct rmi_rec_exit *exit)
{
	exit->cntv_ctl = ctx->el1.cntv_ctl_el0;
	exit->cntv_cval = ctx->el1.cntv_cval_el0;
	exit->cntp_ctl = ctx->el1.cntp_ctl_el0;
	exit->cntp_cval = ctx->el1.cntp_cval_el0;
}
