// SPDX-License-Identifier: GPL-2.0-only
/*
 * Realm Execution Contexts: create, enter, destroy.
 *
 * A REC is the RMM's half of a vCPU. It holds the registers of the realm; KVM
 * keeps what a vCPU is to the rest of the host: the thread, the requests, the
 * vgic, the MP state. They meet in the RecRun page, see struct kvm_rec.
 *
 * A vCPU of a realm is loaded and put like any other but for the EL1 and debug
 * registers, which the RMM switches. The GIC's EL2 registers are the host's,
 * also while a REC runs (DEN0137 A6.1), so the vgic works as it always does.
 */

#define CREATE_TRACE_POINTS
#include "trace_rmi.h"

#include <linux/kvm_host.h>
#include <linux/sched/signal.h>

#include <uapi/linux/psci.h>

#include <asm/daifflags.h>
#include <asm/kvm_asm.h>
#include <asm/kvm_emulate.h>
#include <asm/kvm_rmi.h>
#include <asm/rmi.h>

static void fill_params(struct kvm_vcpu *vcpu, struct rmi_rec_params *params)
{
	u64 mpidr = kvm_vcpu_get_mpidr_aff(vcpu);

	if (!kvm_arm_vcpu_stopped(vcpu))
		params->flags = RMI_REC_CREATE_FLAGS_RUNNABLE;

	params->mpidr = FIELD_PREP(RMI_REC_MPIDR_AFF0, MPIDR_AFFINITY_LEVEL(mpidr, 0)) |
			FIELD_PREP(RMI_REC_MPIDR_AFF1, MPIDR_AFFINITY_LEVEL(mpidr, 1)) |
			FIELD_PREP(RMI_REC_MPIDR_AFF2, MPIDR_AFFINITY_LEVEL(mpidr, 2)) |
			FIELD_PREP(RMI_REC_MPIDR_AFF3, MPIDR_AFFINITY_LEVEL(mpidr, 3));
	params->pc = *vcpu_pc(vcpu);
	for (int i = 0; i < ARRAY_SIZE(params->gprs); i++)
		params->gprs[i] = vcpu_get_reg(vcpu, i);
}

/* RMI_REC_CREATE and all that follows from it, DEN0137 B4.5.49 */
static int create_rec(struct kvm_vcpu *vcpu, phys_addr_t pa,
		      struct rmi_rec_params *params)
{
	struct arm_smccc_1_2_regs regs;
	struct rmi_rec_create_out out;
	rmi_status_t status;
	int ret;

	rmi_rec_create_encode(&regs, vcpu->kvm->arch.realm->rd, pa,
			      virt_to_phys(params));
	ret = rmi_run(&regs, GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret;

	status = rmi_rec_create_decode(&regs, &out);
	switch (rmi_code(status)) {
	case RMI_SUCCESS:
		return 0;
	case RMI_ERROR_INPUT:
		/* A hole in the vCPU IDs, all else being under our control. */
		return -EINVAL;
	case RMI_ERROR_REALM:
		/* More vCPUs than the RMM can have RECs in a realm. */
		return -E2BIG;
	default:
		vcpu_err_ratelimited(vcpu, "RMI_REC_CREATE: %s\n",
				     rmi_status_name(status));
		return -EIO;
	}
}

/**
 * kvm_rec_create() - Create the REC of a vCPU
 * @vcpu: vCPU of a realm that is KVM_REALM_NEW, initialised and finalised
 *
 * Called with realm->lock held, which keeps everything the REC is created from
 * as it is: see kvm_rec_lock_params(). RECs have to be created in the order of
 * their MPIDR, and leave no hole: DEN0137 A2.4.3.
 *
 * Return: 0, -EINVAL if this is not the vCPU whose turn it is, -E2BIG if the
 *	   RMM has no room for it, -ENOMEM, -EIO if the RMM refuses for any
 *	   other reason.
 */
int kvm_rec_create(struct kvm_vcpu *vcpu)
{
	struct rmi_rec_params *params;
	struct kvm_rec *rec;
	int ret = -ENOMEM;

	lockdep_assert_held(&vcpu->kvm->arch.realm->lock);
	BUILD_BUG_ON(sizeof(*rec->run) > PAGE_SIZE);
	BUILD_BUG_ON(sizeof(*params) > PAGE_SIZE);

	rec = kzalloc_obj(*rec, GFP_KERNEL_ACCOUNT);
	if (!rec)
		return -ENOMEM;

	rec->run = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!rec->run)
		goto err_free_rec;

	params = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!params)
		goto err_free_run;

	rec->pa = rmi_alloc_granules(1, GFP_KERNEL_ACCOUNT);
	if (!rec->pa)
		goto err_free_params;

	fill_params(vcpu, params);
	ret = create_rec(vcpu, rec->pa, params);
	if (ret)
		goto err_free_granule;

	rec->run_pa = virt_to_phys(rec->run);
	rec->off = !(params->flags & RMI_REC_CREATE_FLAGS_RUNNABLE);
	rec->off_seq = rec->off;
	free_page((unsigned long)params);

	/* The thread of the vCPU may be in an ioctl, and look. */
	smp_store_release(&vcpu->arch.rec, rec);
	return 0;

err_free_granule:
	rmi_free_granules(rec->pa, 1);
err_free_params:
	free_page((unsigned long)params);
err_free_run:
	free_page((unsigned long)rec->run);
err_free_rec:
	kfree(rec);
	return ret;
}

/**
 * kvm_rec_destroy() - Destroy the REC of a vCPU, if it has one
 * @vcpu: vCPU of any VM, about to be freed
 *
 * If the RMM does not give up the REC, its granule is leaked.
 */
void kvm_rec_destroy(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	struct arm_smccc_1_2_regs regs;
	struct rmi_rec_destroy_out out;
	rmi_status_t status;

	if (!rec)
		return;

	rmi_rec_destroy_encode(&regs, rec->pa);
	rmi_run(&regs, GFP_KERNEL_ACCOUNT);
	status = rmi_rec_destroy_decode(&regs, &out);
	if (!rmi_ok(status)) {
		vcpu_err_ratelimited(vcpu, "RMI_REC_DESTROY: %s\n",
				     rmi_status_name(status));
	}

	rmi_free_granules(rec->pa, 1);
	vcpu->arch.rec = NULL;
	free_page((unsigned long)rec->run);
	kfree(rec);
}

/**
 * kvm_realm_vcpu_features() - The vCPU features that a realm may have
 *
 * Return: BIT(KVM_ARM_VCPU_*). Those the host cannot have are not left out.
 */
unsigned long kvm_realm_vcpu_features(void)
{
	unsigned long features = BIT(KVM_ARM_VCPU_PSCI_0_2) |
				 BIT(KVM_ARM_VCPU_PTRAUTH_ADDRESS) |
				 BIT(KVM_ARM_VCPU_PTRAUTH_GENERIC);

	if (kvm_rmi_max_sve_vq())
		features |= BIT(KVM_ARM_VCPU_SVE);

	return features;
}

/**
 * kvm_rec_lock_params() - Before changing what a REC is created from
 * @vcpu: vCPU of a realm, vcpu->mutex held
 *
 * Registers, features and the like are read when a vCPU of the realm, not
 * necessarily this one, runs for the first time.
 *
 * Return: 0 with realm->lock held, until kvm_rec_unlock_params(); -EPERM if
 *	   the REC exists and it is too late.
 */
int kvm_rec_lock_params(struct kvm_vcpu *vcpu)
{
	struct kvm_realm *realm = vcpu->kvm->arch.realm;

	mutex_lock(&realm->lock);
	if (!vcpu->arch.rec)
		return 0;

	mutex_unlock(&realm->lock);
	return -EPERM;
}

/**
 * kvm_rec_unlock_params() - After a successful kvm_rec_lock_params()
 * @vcpu: the same vCPU
 */
void kvm_rec_unlock_params(struct kvm_vcpu *vcpu)
{
	mutex_unlock(&vcpu->kvm->arch.realm->lock);
}

/*
 * Tell the RMM which REC a PSCI call of the realm names, DEN0137 B4.5.38. The
 * result is the RMM's to find, and between it and the realm.
 */
static int complete_psci(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	struct kvm_vcpu *target = rec->psci.target;
	unsigned int off_seq = kvm_psci_rec_off_seq(target);
	rmi_status_t status;

	do {
		if (signal_pending(current)) {
			vcpu->run->exit_reason = KVM_EXIT_INTR;
			vcpu->stat.signal_exits++;
			return -EINTR;
		}
		status = rmi_psci_complete(rec->pa, target->arch.rec->pa,
					   PSCI_RET_SUCCESS);
		cond_resched();
	} while (rmi_code(status) == RMI_BUSY || rmi_code(status) == RMI_BLOCKED);

	/* Whatever comes of it, asking again gets the same answer. */
	rec->psci.target = NULL;

	if (!rmi_ok(status)) {
		vcpu_err_ratelimited(vcpu, "RMI_PSCI_COMPLETE: %s\n",
				     rmi_status_name(status));
		return -EIO;
	}

	if (rec->psci.cpu_on)
		kvm_psci_rec_cpu_on(target, off_seq);

	return 1;
}

/**
 * kvm_rec_pre_enter() - Do what the realm waits for, before a REC is entered
 * @vcpu: vCPU of a realm, loaded; may sleep
 *
 * Return: 1 to enter the REC, 0 to exit to userspace with
 *	   vcpu->run->exit_reason set, else a negative error for KVM_RUN: -EIO
 *	   if the realm is dead, -EINTR if a signal came in between.
 */
int kvm_rec_pre_enter(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	int ret = 1;

	if (kvm_realm_state(vcpu->kvm) != KVM_REALM_ACTIVE)
		return -EIO;

	if (rec->psci.target)
		ret = complete_psci(vcpu);

	if (ret > 0 && rec->ripas.pending)
		ret = kvm_realm_ripas_commit(vcpu);

	return ret;
}

/**
 * kvm_rec_flush_hwstate() - Fill in what goes to the RMM with RMI_REC_ENTER
 * @vcpu: vCPU of a realm, with interrupts disabled, committed to being run
 *
 * Changes nothing but the RecRun page, so it may be done over and over for an
 * entry that does not happen.
 */
void kvm_rec_flush_hwstate(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	struct rmi_rec_enter *enter = &rec->run->enter;

	enter->flags = rec->entry_flags;
	if (*vcpu_hcr(vcpu) & HCR_TWI)
		enter->flags |= RMI_REC_ENTER_FLAGS_TRAP_WFI;
	if (*vcpu_hcr(vcpu) & HCR_TWE)
		enter->flags |= RMI_REC_ENTER_FLAGS_TRAP_WFE;

	if (rec->host_call) {
		for (int i = 0; i < ARRAY_SIZE(enter->gprs); i++)
			enter->gprs[i] = vcpu_get_reg(vcpu, i);
	}

	/* See kvm_psci_rec_cpu_off(). */
	rec->entry_seq = READ_ONCE(rec->cpu_on_seq);

	trace_kvm_rec_enter(vcpu->vcpu_id, enter->flags);
}

/**
 * kvm_rec_enter() - Run a REC
 * @vcpu: vCPU of a realm, flushed
 *
 * What __kvm_vcpu_run() is for any other vCPU. The RMM preserves all registers
 * of the host that the SMC calling convention says it does, and those of EL1
 * and EL0; a REC leaves the moment an interrupt comes, unless that is masked
 * by priority, hence the same care with the PMR.
 *
 * Return: ARM_EXCEPTION_*, for those who look at it before
 *	   kvm_rec_handle_exit(): IRQ if an interrupt is to be taken, EL1_SERROR
 *	   if an SError was, else TRAP. vcpu->arch.rec->status tells whether the
 *	   REC ran.
 */
int noinstr kvm_rec_enter(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	struct arm_smccc_1_2_regs regs = {
		/* rmi_rec_enter() need not be inlined, and then is not noinstr */
		.a0 = SMC_RMI_REC_ENTER,
		.a1 = rec->pa,
		.a2 = rec->run_pa,
	};

	local_daif_mask();
	pmr_sync();

	arm_smccc_1_2_smc(&regs, &regs);
	rec->status.raw = regs.a0;

	local_daif_restore(DAIF_PROCCTX_NOIRQ);

	if (!rmi_ok(rec->status))
		return ARM_EXCEPTION_TRAP;

	switch (rec->run->exit.exit_reason) {
	case RMI_EXIT_IRQ:
	case RMI_EXIT_FIQ:
		return ARM_EXCEPTION_IRQ;
	case RMI_EXIT_SERROR:
		return ARM_EXCEPTION_EL1_SERROR;
	default:
		return ARM_EXCEPTION_TRAP;
	}
}
