/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Handlers of RMI commands (DEN0137 B4.5).
 *
 * A command NAME with name `rtt_create` in arch/arm64/tools/rmi is handled by
 *
 *	rmi_status_t handle_rtt_create(const u64 *in, u64 *out)
 *
 * in[0] is X1 of the call, out[0] is X1 of the answer, and so on; out is zeroed
 * before the call. A handler answers with rmi_ret(RMI_...), or with
 * rmi_ret_rtt(level). The dispatcher checks that the RMM is active for the
 * commands that need it. A command of the
 * description without a handler does not link.
 *
 * Inputs are checked in the order the specification gives to the failure
 * conditions; a command that fails has changed nothing.
 */
#ifndef RMM_RMI_H
#define RMM_RMI_H

#include <linux/types.h>
#include <rmi-defs.h>
#include "granule.h"

typedef rmi_status_t (*rmi_handler_t)(const u64 *in, u64 *out);

#define RMI_DECLARE(NAME, name, nr_in, nr_out) \
	rmi_status_t handle_##name(const u64 *in, u64 *out);
RMI_COMMANDS(RMI_DECLARE)
#undef RMI_DECLARE

static inline rmi_status_t rmi_ret(unsigned long code)
{
	return rmi_status(code, 0);
}

/* RMI_ERROR_RTT with the level at which the walk ended. */
static inline rmi_status_t rmi_ret_rtt(int level)
{
	return rmi_status(RMI_ERROR_RTT, (u8)level);
}

/**
 * rmi_ret_granule() - why a granule could not be locked in the state wanted
 * @pa: what the host passed
 *
 * Return: RMI_BLOCKED when an incomplete stateful operation owns the granule, else
 * RMI_ERROR_INPUT
 */
static inline rmi_status_t rmi_ret_granule(unsigned long pa)
{
	struct granule *g = granule_find(pa);

	if (g && granule_state(g) == GRANULE_OP)
		return rmi_ret(RMI_BLOCKED);
	return rmi_ret(RMI_ERROR_INPUT);
}

/**
 * rmi_dispatch() - run one RMI command
 * @x: x[0] to x[17] as the host set them; replaced by the answer
 *
 * X0 and the output registers of the command are replaced, X1 to X3 in any case
 * since stateful commands answer there. An FID that is none of ours is answered
 * with SMCCC NOT_SUPPORTED (-1).
 */
void rmi_dispatch(u64 x[18]);

#endif
