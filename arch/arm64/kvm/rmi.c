// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a realm VM: create, populate, activate, terminate, destroy.
 *
 * To the VMM a realm is a VM like another. What the RMM needs to know in
 * advance is told to it as late as possible: the realm is created with its
 * first contents, its RECs when the first vCPU runs, and then it is sealed.
 */

#include <linux/bitfield.h>
#include <linux/kvm_host.h>
#include <linux/moduleparam.h>

#include <asm/kvm_emulate.h>
#include <asm/kvm_mmu.h>
#include <asm/kvm_rmi.h>
#include <asm/rmi.h>
#include <asm/sysreg.h>

#include <kvm/arm_vgic.h>

/* What is populated by one call, to let others run in between */
#define REALM_POPULATE_PAGES	(SZ_2M >> PAGE_SHIFT)

/* Beyond that an RMM wants FEAT_LPA2 descriptors, which are not used here */
#define REALM_MAX_IPA_BITS	48

/* Start level tables are concatenated up to this order, as in any stage 2 */
#define REALM_MAX_ROOT_ORDER	4

static bool kvm_rmi_usable __ro_after_init;

/*
 * The number of a capability is not final before it is merged. VMMs that want
 * to work meanwhile look here for it.
 */
static unsigned int kvm_cap_arm_rmi = KVM_CAP_ARM_RMI;
module_param(kvm_cap_arm_rmi, uint, 0444);

/**
 * kvm_init_rmi() - Find out whether realms can be run
 *
 * Called once KVM knows the machine.
 */
void __init kvm_init_rmi(void)
{
	if (!rmi_is_available())
		return;

	if (!is_kernel_in_hyp_mode() || kvm_vgic_global_state.type != VGIC_V3) {
		kvm_info("realms need VHE and a GICv3\n");
		return;
	}

	kvm_rmi_usable = true;
	kvm_info("realms available, IPA limit %u bits\n", kvm_rmi_ipa_limit());
}

/**
 * kvm_rmi_available() - Tell whether realm VMs can be created
 *
 * Return: true if so.
 */
bool kvm_rmi_available(void)
{
	return kvm_rmi_usable;
}

/**
 * kvm_rmi_ipa_limit() - Largest IPA space of a realm
 *
 * Return: its width in bits, the shared half included.
 */
unsigned int kvm_rmi_ipa_limit(void)
{
	unsigned int s2sz = FIELD_GET(RMI_FEATURE_REGISTER0_S2SZ,
				      rmi_feature_register(0));

	return min3(s2sz, get_kvm_ipa_limit(), REALM_MAX_IPA_BITS);
}

/**
 * kvm_rmi_max_sve_vq() - Largest SVE vector length of a realm
 *
 * Return: the length in quadwords; 0 if realms have no SVE.
 */
unsigned int kvm_rmi_max_sve_vq(void)
{
	u64 reg = rmi_feature_register(0);

	if (!(reg & RMI_FEATURE_REGISTER0_SVE))
		return 0;
	return FIELD_GET(RMI_FEATURE_REGISTER0_SVE_VL, reg) + 1;
}

/**
 * kvm_rmi_limit_dfr0() - Limit ID_AA64DFR0_EL1 to what a realm can have
 * @dfr0: value of the register on this host, or of an ordinary VM
 *
 * The RMM may support fewer breakpoints and watchpoints, DEN0137 B4.6.26.
 *
 * Return: the value with BRPs and WRPs limited.
 */
u64 kvm_rmi_limit_dfr0(u64 dfr0)
{
	u64 reg = rmi_feature_register(0);
	u64 max_brps = FIELD_GET(RMI_FEATURE_REGISTER0_NUM_BPS, reg);
	u64 max_wrps = FIELD_GET(RMI_FEATURE_REGISTER0_NUM_WPS, reg);
	u64 brps = SYS_FIELD_GET(ID_AA64DFR0_EL1, BRPs, dfr0);
	u64 wrps = SYS_FIELD_GET(ID_AA64DFR0_EL1, WRPs, dfr0);

	brps = min(brps, max_brps);
	wrps = min(wrps, max_wrps);

	dfr0 &= ~(ID_AA64DFR0_EL1_BRPs_MASK | ID_AA64DFR0_EL1_WRPs_MASK);
	dfr0 |= SYS_FIELD_PREP(ID_AA64DFR0_EL1, BRPs, brps);
	return dfr0 | SYS_FIELD_PREP(ID_AA64DFR0_EL1, WRPs, wrps);
}

/*
 * What works on a realm, or says how much of something there is. All else is
 * either for the VMM to see or change the state of the guest, or not done yet.
 */
static const long realm_caps[] = {
	KVM_CAP_ARM_INJECT_EXT_DABT,
	KVM_CAP_ARM_IRQ_LINE_LAYOUT_2,
	KVM_CAP_ARM_PSCI,
	KVM_CAP_ARM_PSCI_0_2,
	KVM_CAP_ARM_PTRAUTH_ADDRESS,
	KVM_CAP_ARM_PTRAUTH_GENERIC,
	KVM_CAP_ARM_RMI,
	KVM_CAP_ARM_SET_DEVICE_ADDR,
	KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES,
	KVM_CAP_ARM_SVE,
	KVM_CAP_ARM_VM_IPA_SIZE,
	KVM_CAP_DESTROY_MEMORY_REGION_WORKS,
	KVM_CAP_DEVICE_CTRL,
	KVM_CAP_IMMEDIATE_EXIT,
	KVM_CAP_IOEVENTFD,
	KVM_CAP_IRQCHIP,
	KVM_CAP_IRQFD_RESAMPLE,
	KVM_CAP_MAX_VCPUS,
	KVM_CAP_MAX_VCPU_ID,
	KVM_CAP_MP_STATE,
	KVM_CAP_MSI_DEVID,
	KVM_CAP_NR_VCPUS,
	KVM_CAP_ONE_REG,
	KVM_CAP_PTP_KVM,
	KVM_CAP_READONLY_MEM,
	KVM_CAP_USER_MEMORY,
	KVM_CAP_VCPU_ATTRIBUTES,
	KVM_CAP_VCPU_EVENTS,
};

/**
 * kvm_realm_cap_allowed() - Tell whether a capability applies to realm VMs
 * @ext: KVM_CAP_*, of those the architecture knows
 *
 * Return: true if it is to be reported, and its ioctls are to be served.
 */
bool kvm_realm_cap_allowed(long ext)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(realm_caps); i++) {
		if (realm_caps[i] == ext)
			return true;
	}
	return false;
}

/**
 * kvm_realm_ioctl_allowed() - Tell whether a VM ioctl works on realm VMs
 * @ioctl: one of those in kvm_arch_vm_ioctl()
 *
 * Return: true if the capability that goes with it applies to realms.
 */
bool kvm_realm_ioctl_allowed(unsigned int ioctl)
{
	long ext;

	return !kvm_get_cap_for_kvm_ioctl(ioctl, &ext) && kvm_realm_cap_allowed(ext);
}

/**
 * kvm_realm_init_vm() - Make a new VM a realm
 * @kvm: the VM, whose IPA range is known
 *
 * Return: 0, -EINVAL if the RMM has no IPA space of that size, -ENOMEM.
 */
int kvm_realm_init_vm(struct kvm *kvm)
{
	unsigned int ipa_bits = VTCR_EL2_IPA(kvm->arch.mmu.vtcr);
	struct kvm_realm *realm;

	if (ipa_bits > kvm_rmi_ipa_limit())
		return -EINVAL;

	realm = kzalloc_obj(*realm, GFP_KERNEL_ACCOUNT);
	if (!realm)
		return -ENOMEM;

	mutex_init(&realm->lock);
	spin_lock_init(&realm->kept_lock);
	INIT_LIST_HEAD(&realm->kept_tables);
	realm->ipa_bits = ipa_bits;
	kvm->arch.realm = realm;
	return 0;
}

/**
 * kvm_realm_max_vcpus() - Largest number of vCPUs of a realm
 *
 * Return: the number of RECs the RMM supports, DEN0137 B4.6.27.
 */
int kvm_realm_max_vcpus(void)
{
	u64 order = FIELD_GET(RMI_FEATURE_REGISTER1_MAX_RECS_ORDER,
			      rmi_feature_register(1));

	return BIT(order) - 1;
}

static void realm_set_state(struct kvm *kvm, enum kvm_realm_state state)
{
	lockdep_assert_held(&kvm->arch.realm->lock);

	/* Pairs with kvm_realm_state(): the realm is as the state says */
	smp_store_release(&kvm->arch.realm->state, state);
}

/*
 * Creation
 */

/* The shape of the tables, DEN0137 A5.6: as few levels as there can be */
static void realm_layout(struct kvm_realm *realm)
{
	unsigned int bits = realm->ipa_bits - RMI_GRANULE_SHIFT;
	unsigned int per_level = RMI_GRANULE_SHIFT - 3;
	unsigned int levels;

	levels = DIV_ROUND_UP(bits - REALM_MAX_ROOT_ORDER, per_level);
	realm->start_level = RMI_RTT_LAST_LEVEL + 1 - levels;
	realm->root_pages = bits > levels * per_level ?
			    BIT(bits - levels * per_level) : 1;
}

static unsigned long realm_hash_algo(void)
{
	u64 reg = rmi_feature_register(1);

	if (reg & RMI_FEATURE_REGISTER1_HASH_SHA_256)
		return RMI_HASH_SHA_256;
	if (reg & RMI_FEATURE_REGISTER1_HASH_SHA_384)
		return RMI_HASH_SHA_384;
	return RMI_HASH_SHA_512;
}

/* As the first vCPU with features has it. The others have to agree, later. */
static unsigned int realm_sve_vq(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;

	kvm_for_each_vcpu(i, vcpu, kvm) {
		if (kvm_vcpu_initialized(vcpu))
			return vcpu_has_sve(vcpu) ? vcpu_sve_max_vq(vcpu) : 0;
	}
	return 0;
}

/* Both numbers are encoded as in the ID register */
static void realm_debug_params(struct kvm *kvm, struct rmi_realm_params *params)
{
	u64 dfr0;

	if (test_bit(KVM_ARCH_FLAG_ID_REGS_INITIALIZED, &kvm->arch.flags))
		dfr0 = kvm_read_vm_id_reg(kvm, SYS_ID_AA64DFR0_EL1);
	else
		dfr0 = kvm_rmi_limit_dfr0(read_sanitised_ftr_reg(SYS_ID_AA64DFR0_EL1));

	params->num_bps = SYS_FIELD_GET(ID_AA64DFR0_EL1, BRPs, dfr0);
	params->num_wps = SYS_FIELD_GET(ID_AA64DFR0_EL1, WRPs, dfr0);
}

static int realm_create_descriptor(struct kvm *kvm, struct rmi_realm_params *params)
{
	struct kvm_realm *realm = kvm->arch.realm;
	struct rmi_realm_create_out out;
	struct arm_smccc_1_2_regs regs;
	rmi_status_t status;
	int ret;

	params->s2sz = realm->ipa_bits;
	params->hash_algo = realm_hash_algo();
	params->rtt_base = realm->root;
	params->rtt_level_start = realm->start_level;
	params->rtt_num_start = realm->root_pages;
	realm_debug_params(kvm, params);
	if (realm->sve_vq) {
		params->flags0 |= RMI_REALM_FLAGS0_SVE;
		params->sve_vl = realm->sve_vq - 1;
	}

	rmi_realm_create_encode(&regs, realm->rd, virt_to_phys(params));
	ret = rmi_run(&regs, GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret;

	status = rmi_realm_create_decode(&regs, &out);
	switch (rmi_code(status)) {
	case RMI_SUCCESS:
		return 0;
	case RMI_ERROR_INPUT:
		/* The RMM supports no such realm */
		return -EINVAL;
	default:
		kvm_pr_unimpl("RMI_REALM_CREATE: %s\n", rmi_status_name(status));
		return -EIO;
	}
}

/* KVM_REALM_NONE to KVM_REALM_NEW */
static int realm_create(struct kvm *kvm)
{
	struct kvm_realm *realm = kvm->arch.realm;
	struct rmi_realm_params *params;
	int ret = -ENOMEM;

	lockdep_assert_held(&realm->lock);

	realm_layout(realm);
	realm->sve_vq = realm_sve_vq(kvm);

	params = (struct rmi_realm_params *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!params)
		return -ENOMEM;

	realm->rd = rmi_alloc_granules(1, GFP_KERNEL_ACCOUNT);
	if (!realm->rd)
		goto out_free_params;

	realm->root = rmi_alloc_granules(realm->root_pages, GFP_KERNEL_ACCOUNT);
	if (!realm->root)
		goto out_free_rd;

	ret = realm_create_descriptor(kvm, params);
	if (ret)
		goto out_free_root;

	realm_set_state(kvm, KVM_REALM_NEW);
	goto out_free_params;

out_free_root:
	rmi_free_granules(realm->root, realm->root_pages);
	realm->root = 0;
out_free_rd:
	rmi_free_granules(realm->rd, 1);
	realm->rd = 0;
out_free_params:
	free_page((unsigned long)params);
	return ret;
}

/*
 * Population
 */

static int realm_post_populate(struct kvm *kvm, gfn_t gfn, kvm_pfn_t pfn,
			       struct page *src, void *opaque)
{
	const struct kvm_arm_rmi_populate *args = opaque;

	return kvm_realm_map_initial(kvm, gfn_to_gpa(gfn), pfn, src,
				     args->flags & KVM_ARM_RMI_POPULATE_FLAGS_MEASURE);
}

/* Returns the number of pages that were populated, or a negative error */
static long realm_populate(struct kvm *kvm, struct kvm_arm_rmi_populate *args)
{
	u64 pages = min_t(u64, args->size >> PAGE_SHIFT, REALM_POPULATE_PAGES);
	int ret;

	guard(mutex)(&kvm->slots_lock);
	guard(mutex)(&kvm->arch.realm->lock);

	switch (kvm->arch.realm->state) {
	case KVM_REALM_NONE:
		ret = realm_create(kvm);
		if (ret)
			return ret;
		break;
	case KVM_REALM_NEW:
		break;
	case KVM_REALM_ACTIVE:
		return -EPERM;
	case KVM_REALM_DEAD:
		return -EIO;
	}

	return kvm_gmem_populate(kvm, gpa_to_gfn(args->base),
				 u64_to_user_ptr(args->source_uaddr), pages, false,
				 realm_post_populate, args);
}

static bool realm_populate_args_ok(struct kvm *kvm,
				   const struct kvm_arm_rmi_populate *args)
{
	u64 top;

	return !args->reserved &&
	       !(args->flags & ~KVM_ARM_RMI_POPULATE_FLAGS_MEASURE) &&
	       PAGE_ALIGNED(args->base) && PAGE_ALIGNED(args->size) &&
	       PAGE_ALIGNED(args->source_uaddr) &&
	       !check_add_overflow(args->source_uaddr, args->size, &top) &&
	       !check_add_overflow(args->base, args->size, &top) &&
	       top <= kvm_realm_shared_bit(kvm);
}

/**
 * kvm_realm_populate() - KVM_ARM_RMI_POPULATE
 * @kvm: a realm
 * @args: what is to be populated; what is left of it on return
 *
 * Return: 0 if there was progress, else as documented for the ioctl.
 */
int kvm_realm_populate(struct kvm *kvm, struct kvm_arm_rmi_populate *args)
{
	long pages;

	if (!realm_populate_args_ok(kvm, args))
		return -EINVAL;
	if (!args->size)
		return 0;

	/* To kvm_gmem_populate() that would mean: without a source */
	if (!args->source_uaddr)
		return -EFAULT;

	pages = realm_populate(kvm, args);
	if (pages < 0)
		return pages;

	args->base += pages << PAGE_SHIFT;
	args->source_uaddr += pages << PAGE_SHIFT;
	args->size -= pages << PAGE_SHIFT;
	return 0;
}

/*
 * Activation
 */

static int realm_check_vcpu(struct kvm *kvm, struct kvm_vcpu *vcpu)
{
	unsigned int vq;

	if (!kvm_vcpu_initialized(vcpu) || !kvm_arm_vcpu_is_finalized(vcpu))
		return -EPERM;

	vq = vcpu_has_sve(vcpu) ? vcpu_sve_max_vq(vcpu) : 0;
	return vq == kvm->arch.realm->sve_vq ? 0 : -EINVAL;
}

/* The RMM numbers RECs as they are created: by MPIDR, DEN0137 A2.4.3 */
static struct kvm_vcpu *realm_next_vcpu(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu, *next = NULL;
	unsigned long i;

	kvm_for_each_vcpu(i, vcpu, kvm) {
		if (!vcpu->arch.rec && (!next || kvm_vcpu_get_mpidr_aff(vcpu) <
						 kvm_vcpu_get_mpidr_aff(next)))
			next = vcpu;
	}
	return next;
}

static int realm_create_recs(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;
	int ret;

	kvm_for_each_vcpu(i, vcpu, kvm) {
		ret = realm_check_vcpu(kvm, vcpu);
		if (ret)
			return ret;
	}

	while ((vcpu = realm_next_vcpu(kvm))) {
		ret = kvm_rec_create(vcpu);
		if (ret)
			return ret;
	}
	return 0;
}

static int realm_init_slot_ripas(struct kvm *kvm, const struct kvm_memory_slot *slot)
{
	gfn_t gfn, start, end = slot->base_gfn + slot->npages;
	int ret;

	for (gfn = slot->base_gfn; gfn < end; gfn++) {
		for (start = gfn; gfn < end && kvm_mem_is_private(kvm, gfn); gfn++)
			cond_resched();
		if (start == gfn)
			continue;

		ret = kvm_realm_init_ripas(kvm, gfn_to_gpa(start), gfn_to_gpa(gfn));
		if (ret)
			return ret;
	}
	return 0;
}

/*
 * A guest uses its memory before it can ask the RMM for it. So all that the VMM
 * has made private by now is there from the start, populated or not. In the
 * order of GPAs, as this is measured.
 */
static int realm_init_ripas(struct kvm *kvm)
{
	gfn_t end = gpa_to_gfn(kvm_realm_shared_bit(kvm));
	struct kvm_memslot_iter iter;
	int ret;

	guard(srcu)(&kvm->srcu);

	kvm_for_each_memslot_in_gfn_range(&iter, kvm_memslots(kvm), 0, end) {
		if (!kvm_slot_has_gmem(iter.slot))
			continue;
		ret = realm_init_slot_ripas(kvm, iter.slot);
		if (ret)
			return ret;
	}
	return 0;
}

/* KVM_REALM_NEW to KVM_REALM_ACTIVE */
static int realm_activate(struct kvm *kvm)
{
	struct arm_smccc_1_2_regs regs;
	rmi_status_t status;
	int ret;

	/*
	 * What has been created stays if this fails half-way. It is part of
	 * the measurement of the realm, which another try must not change.
	 */
	ret = realm_init_ripas(kvm);
	if (!ret)
		ret = realm_create_recs(kvm);
	if (ret)
		return ret;

	rmi_realm_activate_encode(&regs, kvm->arch.realm->rd);
	ret = rmi_run(&regs, GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret;

	status = (rmi_status_t) { .raw = regs.a0 };
	if (!rmi_ok(status)) {
		kvm_pr_unimpl("RMI_REALM_ACTIVATE: %s\n", rmi_status_name(status));
		return -EIO;
	}

	realm_set_state(kvm, KVM_REALM_ACTIVE);
	return 0;
}

static int realm_make_active(struct kvm *kvm)
{
	int ret;

	if (!irqchip_in_kernel(kvm) ||
	    kvm->arch.vgic.vgic_model != KVM_DEV_TYPE_ARM_VGIC_V3)
		return -EINVAL;
	if (!vgic_initialized(kvm))
		return -EBUSY;

	guard(mutex)(&kvm->arch.realm->lock);

	switch (kvm->arch.realm->state) {
	case KVM_REALM_NONE:
		ret = realm_create(kvm);
		if (ret)
			return ret;
		fallthrough;
	case KVM_REALM_NEW:
		return realm_activate(kvm);
	case KVM_REALM_ACTIVE:
		return 0;
	case KVM_REALM_DEAD:
		return -EIO;
	}
	return -EIO;
}

/**
 * kvm_realm_activate() - Make the realm of a vCPU executable
 * @vcpu: vCPU that is about to run for the first time; its mutex is held
 *
 * Creates the realm if nothing was populated, and the RECs of all vCPUs. The
 * GIC has to be initialised, after which no vCPU can be added any more.
 *
 * Return: 0 if the vCPU has its REC, in an active realm. -EINVAL without a
 *	   GICv3 in the kernel, or if the vCPUs are not as the RMM can have
 *	   them. -EBUSY if the GIC is not initialised, or if this vCPU came too
 *	   late. -EPERM if a vCPU is not initialised or finalised, -EIO if the
 *	   realm is dead or the RMM refuses, -ENOMEM.
 */
int kvm_realm_activate(struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = vcpu->kvm;

	if (kvm_realm_state(kvm) != KVM_REALM_ACTIVE) {
		int ret = realm_make_active(kvm);

		if (ret)
			return ret;
	}

	/*
	 * Nothing keeps the GIC from being initialised, and the RECs from being
	 * created, while a vCPU is on its way to be added.
	 */
	return vcpu->arch.rec ? 0 : -EBUSY;
}

/*
 * The end
 */

/* No REC may be running: the RMM refuses then, and it is tried again later */
static void realm_terminate(struct kvm *kvm)
{
	struct kvm_realm *realm = kvm->arch.realm;
	struct rmi_realm_terminate_out out;
	struct arm_smccc_1_2_regs regs;
	int ret;

	lockdep_assert_held(&realm->lock);

	if (realm->terminated || !realm->rd)
		return;

	rmi_realm_terminate_encode(&regs, realm->rd);
	ret = rmi_run(&regs, GFP_KERNEL);
	realm->terminated = !ret && rmi_ok(rmi_realm_terminate_decode(&regs, &out));
}

/**
 * kvm_realm_terminate() - End the execution of a realm
 * @kvm: a realm, in any state; realm->lock is not held
 *
 * Its vCPUs cannot run any more. The VM can only be destroyed.
 */
void kvm_realm_terminate(struct kvm *kvm)
{
	guard(mutex)(&kvm->arch.realm->lock);

	realm_set_state(kvm, KVM_REALM_DEAD);
	realm_terminate(kvm);
}

/**
 * kvm_realm_destroy_vm() - Destroy a realm
 * @kvm: a VM whose vCPUs are gone; of any kind
 */
void kvm_realm_destroy_vm(struct kvm *kvm)
{
	struct kvm_realm *realm = kvm->arch.realm;
	struct rmi_realm_destroy_out out;
	struct arm_smccc_1_2_regs regs;
	rmi_status_t status;

	if (!realm)
		return;

	if (realm->rd) {
		kvm_realm_unmap_all(kvm);
		kvm_realm_destroy_tables(kvm);

		rmi_realm_destroy_encode(&regs, realm->rd);
		rmi_run(&regs, GFP_KERNEL);
		status = rmi_realm_destroy_decode(&regs, &out);
		if (!rmi_ok(status))
			kvm_pr_unimpl("RMI_REALM_DESTROY: %s\n", rmi_status_name(status));

		rmi_free_granules(realm->root, realm->root_pages);
		rmi_free_granules(realm->rd, 1);
	}

	kvm->arch.realm = NULL;
	kfree(realm);
}
