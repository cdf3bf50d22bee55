/* SPDX-License-Identifier: GPL-2.0-only */
#if !defined(_TRACE_RMI_ARM64_KVM_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_RMI_ARM64_KVM_H

#include <linux/tracepoint.h>

#include <asm/rmi_cmds.h>

#undef TRACE_SYSTEM
#define TRACE_SYSTEM kvm

/* What kvm_entry and kvm_exit are for other VMs; a REC shows no PC. */
TRACE_EVENT(kvm_rec_enter,
	TP_PROTO(unsigned int vcpu_id, u64 flags),
	TP_ARGS(vcpu_id, flags),

	TP_STRUCT__entry(
		__field(unsigned int,	vcpu_id)
		__field(u64,		flags)
	),

	TP_fast_assign(
		__entry->vcpu_id	= vcpu_id;
		__entry->flags		= flags;
	),

	TP_printk("vcpu: %u flags: %s", __entry->vcpu_id,
		  __print_flags(__entry->flags, "|",
				{ RMI_REC_ENTER_FLAGS_EMUL_MMIO,  "EMUL_MMIO" },
				{ RMI_REC_ENTER_FLAGS_INJECT_SEA, "INJECT_SEA" },
				{ RMI_REC_ENTER_FLAGS_TRAP_WFI,   "TRAP_WFI" },
				{ RMI_REC_ENTER_FLAGS_TRAP_WFE,   "TRAP_WFE" },
				{ RMI_REC_ENTER_FLAGS_RIPAS_RESPONSE,
				  "RIPAS_RESPONSE" }))
);

/* With any status but 0 the REC was not entered, and the rest is old. */
TRACE_EVENT(kvm_rec_exit,
	TP_PROTO(unsigned int vcpu_id, rmi_status_t status,
		 const struct rmi_rec_exit *exit),
	TP_ARGS(vcpu_id, status, exit),

	TP_STRUCT__entry(
		__field(unsigned int,	vcpu_id)
		__field(unsigned long,	status)
		__field(u8,		reason)
		__field(u64,		esr)
		__field(u64,		far)
		__field(u64,		hpfar)
	),

	TP_fast_assign(
		__entry->vcpu_id	= vcpu_id;
		__entry->status		= status.raw;
		__entry->reason		= exit->exit_reason;
		__entry->esr		= exit->esr;
		__entry->far		= exit->far;
		__entry->hpfar		= exit->hpfar;
	),

	TP_printk("vcpu: %u status: 0x%lx reason: %s esr: 0x%llx far: 0x%llx hpfar: 0x%llx",
		  __entry->vcpu_id, __entry->status,
		  __print_symbolic(__entry->reason,
				   { RMI_EXIT_SYNC,		"SYNC" },
				   { RMI_EXIT_IRQ,		"IRQ" },
				   { RMI_EXIT_FIQ,		"FIQ" },
				   { RMI_EXIT_PSCI,		"PSCI" },
				   { RMI_EXIT_RIPAS_CHANGE,	"RIPAS_CHANGE" },
				   { RMI_EXIT_HOST_CALL,	"HOST_CALL" },
				   { RMI_EXIT_SERROR,		"SERROR" }),
		  __entry->esr, __entry->far, __entry->hpfar)
);

#endif /* _TRACE_RMI_ARM64_KVM_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace_rmi

/* This part must be outside protection */
#include <trace/define_trace.h>
