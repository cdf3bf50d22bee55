/* SPDX-License-Identifier: GPL-2.0-only */
/* The definitions seen from assembly: constants and masks, no C. */
#include "rmi-defs.h"
#include "rsi-defs.h"

	.data
	.quad	SMC_RMI_REC_ENTER, RMI_ERROR_GRANULE, PSCI_DENIED
	.quad	RMI_REC_ENTER_FLAGS_EMUL_MMIO | RMI_REC_ENTER_FLAGS_RES0
	.quad	SMC_RSI_HOST_CALL, RSI_RIPAS_DESTROYED
