/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_VCPU_H
#define REALMRUN_VCPU_H

#include "loader.h"
#include "options.h"
#include "types.h"

/* What a vCPU thread comes back from KVM_RUN for */
enum exit_kind {
	VCPU_MMIO,
	VCPU_MEMORY_FAULT,
	VCPU_HYPERCALL,
	VCPU_SYSTEM_EVENT,
	VCPU_SHUTDOWN,
	VCPU_SIGNAL,
	NR_EXIT_KINDS,
};

extern const char *const exit_kind_names[NR_EXIT_KINDS];

void vcpu_init(const struct options *opts);
void vcpu_start(const struct boot *boot);
void vcpu_stop(void);
u64 vcpu_exits(unsigned int cpu, enum exit_kind kind);
int vcpu_fd(unsigned int cpu);

#endif /* REALMRUN_VCPU_H */
