// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a REC exit asks for.
 *
 * Every exit goes to its owner through one of three tables: by exit reason, by
 * exception class, by system register. What it takes to handle it is theirs:
 * rmi-rtt.c (stage 2, RIPAS), rmi-mmio.c, psci.c, hypercalls.c, vgic, timers.
 */

#include <linux/acpi.h>
#include <linux/bitfield.h>
#include <linux/kvm_host.h>

#include <kvm/arm_arch_timer.h>
#include <kvm/arm_hypercalls.h>

#include <asm/acpi.h>
#include <asm/esr.h>
#include <asm/kvm_emulate.h>
#include <asm/kvm_rmi.h>
#include <asm/sysreg.h>
#include <asm/traps.h>

#include "trace_rmi.h"
#include "vgic/vgic.h"

/*
 * The answer to a host call goes to the memory of the realm when the REC is
 * entered. If that page is not mapped, the entry ends with a data abort there
 * before the realm has run at all, and wants the answer again. DEN0137 A4.2.2.
 * An abort that the realm itself took looks the same; keeping the answer then
 * does no harm, because the RMM does not ask for it.
 */
static bool host_call_unanswered(struct kvm_vcpu *vcpu)
{
	const struct rmi_rec_exit *exit = &vcpu->arch.rec->run->exit;
	gpa_t ipa = FIELD_GET(HPFAR_EL2_FIPA, exit->hpfar) << 12;

	return vcpu->arch.rec->host_call &&
	       exit->exit_reason == RMI_EXIT_SYNC &&
	       ESR_ELx_EC(exit->esr) == ESR_ELx_EC_DABT_LOW &&
	       !kvm_realm_ipa_is_shared(vcpu->kvm, ipa);
}

/*
 * Where the vgic traps the GIC CPU interface, what the realm does to it is
 * carried out on the list registers while they still are those of the realm.
 */
static void emulate_cpuif_access(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	int rt = kvm_vcpu_sys_get_rt(vcpu);

	if (rec->run->exit.exit_reason != RMI_EXIT_SYNC ||
	    kvm_vcpu_trap_get_class(vcpu) != ESR_ELx_EC_SYS64)
		return;

	vcpu_set_reg(vcpu, rt, rec->run->exit.gprs[0]);
	rec->sysreg_done = __vgic_v3_emulate_cpuif_access(vcpu);
	rec->run->enter.gprs[0] = vcpu_get_reg(vcpu, rt);
}

/* As for an ordinary VM, see kvm_handle_guest_serror(); not preemptible. */
static bool serror_is_fatal(u64 esr)
{
	return !arm64_is_ras_serror(esr) || arm64_is_fatal_ras_serror(NULL, esr);
}

/**
 * kvm_rec_sync_hwstate() - Take over what the RMM left after RMI_REC_ENTER
 * @vcpu: vCPU whose REC was to be entered
 *
 * If it was: what was due for that entry is consumed, the syndrome of the exit
 * goes to vcpu->arch.fault and the state of the realm's timers to the timer
 * emulation. If not, everything stays due. Called with interrupts disabled,
 * before kvm_vgic_sync_hwstate().
 */
void kvm_rec_sync_hwstate(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	const struct rmi_rec_exit *exit = &rec->run->exit;

	trace_kvm_rec_exit(vcpu->vcpu_id, rec->status, exit);
	if (!rmi_ok(rec->status))
		return;

	rec->entry_flags = 0;
	WRITE_ONCE(rec->off, false);

	vcpu->arch.fault.esr_el2 = exit->esr;
	vcpu->arch.fault.far_el2 = exit->far;
	vcpu->arch.fault.hpfar_el2 = exit->hpfar | HPFAR_EL2_NS;
	rec->serror = exit->exit_reason == RMI_EXIT_SERROR && serror_is_fatal(exit->esr);
	kvm_rec_mmio_exit(vcpu);

	/* The realm may not have run, and its timers not been looked at. */
	if (host_call_unanswered(vcpu))
		return;

	rec->host_call = false;
	memset(rec->run->enter.gprs, 0, sizeof(rec->run->enter.gprs));

	rec->sysreg_done = false;
	if (static_branch_unlikely(&vgic_v3_cpuif_trap))
		emulate_cpuif_access(vcpu);

	kvm_timer_sync_rec(vcpu, exit->cntv_ctl, exit->cntv_cval,
			   exit->cntp_ctl, exit->cntp_cval);
}

/* An exit after which the realm cannot continue as if nothing had happened. */
static int rec_exit_unexpected(struct kvm_vcpu *vcpu)
{
	const struct rmi_rec_exit *exit = &vcpu->arch.rec->run->exit;
	struct kvm_run *run = vcpu->run;

	run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	run->internal.suberror = KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON;
	run->internal.ndata = 2;
	run->internal.data[0] = exit->exit_reason;
	run->internal.data[1] = exit->esr;
	return 0;
}

/* DEN0137 A4.3.4.1: the RMM has stepped over the instruction. */
static int rec_exit_wfx(struct kvm_vcpu *vcpu)
{
	u64 deadline = vcpu->arch.rec->run->exit.gprs[0];
	u64 esr = kvm_vcpu_get_esr(vcpu);

	if (esr & ESR_ELx_WFx_ISS_WFE)
		vcpu->stat.wfe_exit_stat++;
	else
		vcpu->stat.wfi_exit_stat++;

	if (esr & ESR_ELx_WFx_ISS_WFxT && kvm_phys_timer_read() >= deadline)
		return 1;

	if (esr & ESR_ELx_WFx_ISS_WFE) {
		/* Any vCPU may hold what this one waits for. */
		kvm_vcpu_on_spin(vcpu, false);
		return 1;
	}

	if (esr & ESR_ELx_WFx_ISS_WFxT) {
		/*
		 * The timer code takes the deadline from the register that the
		 * syndrome names. The RMM withholds it, so that it reads X0.
		 */
		vcpu_set_reg(vcpu, kvm_vcpu_sys_get_rt(vcpu), deadline);
		vcpu_set_flag(vcpu, IN_WFIT);
	}

	kvm_vcpu_wfi(vcpu);
	return 1;
}

/* DEN0137 A4.3.4.2 and A4.3.4.3 */
static int rec_exit_abort(struct kvm_vcpu *vcpu)
{
	u64 esr = kvm_vcpu_get_esr(vcpu);
	struct kvm_realm_fault fault = {
		.ipa = kvm_vcpu_get_fault_ipa(vcpu),
		.exec = kvm_vcpu_trap_is_iabt(vcpu),
	};
	int idx, ret;

	/*
	 * Memory of the realm is broken. If the host's error handling takes
	 * care of the page, repeating the access faults on a page that is gone.
	 * Otherwise it would end here again.
	 */
	if (kvm_vcpu_abt_issea(vcpu))
		return apei_claim_sea(NULL) ? rec_exit_unexpected(vcpu) : 1;

	/*
	 * The direction is known of an access that could be emulated. Of any
	 * other in the unprotected half, only a write to what is mapped
	 * read-only takes a permission fault.
	 */
	if (!fault.exec && kvm_realm_ipa_is_shared(vcpu->kvm, fault.ipa)) {
		fault.write = esr & ESR_ELx_ISV ? esr & ESR_ELx_WNR :
						  esr_fsc_is_permission_fault(esr);
	}

	idx = srcu_read_lock(&vcpu->kvm->srcu);
	ret = kvm_realm_handle_fault(vcpu, &fault);
	if (ret == -ENOENT)
		ret = kvm_rec_emulate_mmio(vcpu);
	else if (ret != -EFAULT)
		kvm_rec_mmio_resolved(vcpu);
	srcu_read_unlock(&vcpu->kvm->srcu, idx);

	return ret;
}

static void write_sgi1r(struct kvm_vcpu *vcpu, u64 val)
{
	vgic_v3_dispatch_sgi(vcpu, val, true);
}

static void write_sgi0r(struct kvm_vcpu *vcpu, u64 val)
{
	vgic_v3_dispatch_sgi(vcpu, val, false);
}

/*
 * The registers the host owns in a realm: those that make an SGI, always, and
 * the one that deactivates an interrupt, while the vgic traps it. DEN0137 A6.1.
 */
static const struct {
	u32	reg;
	void	(*write)(struct kvm_vcpu *vcpu, u64 val);
} rec_sysregs[] = {
	{ SYS_ICC_DIR_EL1,	vgic_v3_deactivate },
	{ SYS_ICC_SGI1R_EL1,	write_sgi1r },
	{ SYS_ICC_ASGI1R_EL1,	write_sgi0r },
	{ SYS_ICC_SGI0R_EL1,	write_sgi0r },
};

/*
 * DEN0137 A4.3.4.4: the value is in gprs[0], in both directions, and the RMM
 * steps over the instruction. A register that is not listed reads as zero,
 * which is what is there, and ignores writes.
 */
static int rec_exit_sysreg(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	u64 esr = kvm_vcpu_get_esr(vcpu);

	if (rec->sysreg_done ||
	    (esr & ESR_ELx_SYS64_ISS_DIR_MASK) == ESR_ELx_SYS64_ISS_DIR_READ)
		return 1;

	for (int i = 0; i < ARRAY_SIZE(rec_sysregs); i++) {
		if (rec_sysregs[i].reg == esr_sys64_to_sysreg(esr))
			rec_sysregs[i].write(vcpu, rec->run->exit.gprs[0]);
	}

	return 1;
}

static int (*const rec_sync_handlers[])(struct kvm_vcpu *) = {
	[ESR_ELx_EC_WFx]	= rec_exit_wfx,
	[ESR_ELx_EC_SYS64]	= rec_exit_sysreg,
	[ESR_ELx_EC_IABT_LOW]	= rec_exit_abort,
	[ESR_ELx_EC_DABT_LOW]	= rec_exit_abort,
};

static int rec_exit_sync(struct kvm_vcpu *vcpu)
{
	u8 ec = kvm_vcpu_trap_get_class(vcpu);

	if (ec >= ARRAY_SIZE(rec_sync_handlers) || !rec_sync_handlers[ec])
		return rec_exit_unexpected(vcpu);

	return rec_sync_handlers[ec](vcpu);
}

/*
 * DEN0137 A4.3.10. Only the RMM can inject an SError into a realm, and it does
 * not have to. So a realm continues only if the error does not affect it; where
 * any other VM takes an SError, KVM_RUN of a realm ends.
 */
static int rec_exit_serror(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.rec->serror ? rec_exit_unexpected(vcpu) : 1;
}

/* Interrupts were taken on the way here. */
static int rec_exit_done(struct kvm_vcpu *vcpu)
{
	return 1;
}

static int rec_exit_psci(struct kvm_vcpu *vcpu)
{
	const struct rmi_rec_exit *exit = &vcpu->arch.rec->run->exit;

	return kvm_psci_rec_exit(vcpu, exit->gprs[0], exit->gprs[1]);
}

/*
 * DEN0137 A4.5. To the rest of KVM an HVC like any other, with its arguments
 * and then its results in X0 to X30.
 */
static int rec_exit_host_call(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	const struct rmi_rec_exit *exit = &rec->run->exit;

	for (int i = 0; i < ARRAY_SIZE(exit->gprs); i++)
		vcpu_set_reg(vcpu, i, exit->gprs[i]);

	vcpu->arch.fault.esr_el2 = FIELD_PREP(ESR_ELx_EC_MASK, ESR_ELx_EC_HVC64) |
				   ESR_ELx_IL |
				   FIELD_PREP(ESR_ELx_xVC_IMM_MASK, exit->imm);
	rec->host_call = true;
	vcpu->stat.hvc_exit_stat++;

	return kvm_smccc_call_handler(vcpu);
}

static int (*const rec_exit_handlers[])(struct kvm_vcpu *) = {
	[RMI_EXIT_SYNC]		= rec_exit_sync,
	[RMI_EXIT_IRQ]		= rec_exit_done,
	[RMI_EXIT_FIQ]		= rec_exit_done,
	[RMI_EXIT_PSCI]		= rec_exit_psci,
	[RMI_EXIT_RIPAS_CHANGE]	= kvm_realm_ripas_exit,
	[RMI_EXIT_HOST_CALL]	= rec_exit_host_call,
	[RMI_EXIT_SERROR]	= rec_exit_serror,
};

/*
 * The REC was not entered. Whatever was due for the entry still is, so that
 * another try, now or with the next KVM_RUN, is all that it takes if the
 * reason goes away.
 */
static int rec_entry_failed(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	struct kvm_run *run = vcpu->run;

	switch (rmi_code(rec->status)) {
	case RMI_BUSY:
	case RMI_BLOCKED:
		return 1;
	case RMI_ERROR_REALM:
		/*
		 * Another vCPU has turned the realm off, and is on its way to
		 * stop all vCPUs. This one may already be.
		 */
		kvm_arm_vcpu_power_off(vcpu);
		return 1;
	case RMI_ERROR_REC:
		if (READ_ONCE(rec->off))
			return kvm_psci_rec_cpu_off(vcpu);
		break;
	}

	vcpu_err_ratelimited(vcpu, "RMI_REC_ENTER: %s (0x%lx), flags 0x%llx\n",
			     rmi_status_name(rec->status), rec->status.raw,
			     rec->run->enter.flags);

	run->exit_reason = KVM_EXIT_FAIL_ENTRY;
	run->fail_entry.hardware_entry_failure_reason = rec->status.raw;
	run->fail_entry.cpu = vcpu->cpu;
	return 0;
}

/**
 * kvm_rec_handle_exit() - Handle the end of a REC entry
 * @vcpu: vCPU whose REC was to be entered
 *
 * What handle_exit() is for any other vCPU.
 *
 * Return: 1 to enter the REC again, 0 to exit to userspace with
 *	   vcpu->run->exit_reason set, else a negative error for KVM_RUN.
 */
int kvm_rec_handle_exit(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	u8 reason;

	if (!rmi_ok(rec->status))
		return rec_entry_failed(vcpu);

	reason = rec->run->exit.exit_reason;
	if (reason >= ARRAY_SIZE(rec_exit_handlers))
		return rec_exit_unexpected(vcpu);

	return rec_exit_handlers[reason](vcpu);
}
