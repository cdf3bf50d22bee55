/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Realm VMs: what the rest of KVM/arm64 may call.
 *
 * A realm VM (Arm CCA, DEN0137) is a VM whose stage 2 and vCPU contexts belong
 * to the Realm Management Monitor (RMM). KVM keeps the VM, its memslots, GIC
 * and run loop, and asks the RMM through the Realm Management Interface (RMI).
 *
 *   rmi.c		the realm: create, populate, activate, terminate, destroy
 *   rmi-rtt.c		stage 2 of the realm: map, unmap, RIPAS
 *   rmi-rec.c		a vCPU of the realm (REC): create, enter, destroy
 *   rmi-exit.c		what a REC exit asks for
 *   rmi-mmio.c		emulated MMIO
 */
#ifndef __ASM_KVM_RMI_H
#define __ASM_KVM_RMI_H

#include <linux/kvm_host.h>
#include <linux/mutex.h>

#include <asm/rmi_cmds.h>

/**
 * enum kvm_realm_state - where a realm VM is in its life
 * @KVM_REALM_NONE:	the RMM does not know the realm yet
 * @KVM_REALM_NEW:	realm descriptor created; contents and RECs can be added
 * @KVM_REALM_ACTIVE:	measured and sealed; RECs can be entered
 * @KVM_REALM_DEAD:	terminated; it can only be torn down
 *
 * The state only ever advances. A KVM_REALM_NONE realm goes to
 * KVM_REALM_DEAD directly when the VM ends before its first use.
 */
enum kvm_realm_state {
	KVM_REALM_NONE,
	KVM_REALM_NEW,
	KVM_REALM_ACTIVE,
	KVM_REALM_DEAD,
};

/**
 * struct kvm_realm - the realm half of a VM
 * @lock:	Serialises state changes, population and REC creation, and the
 *		ioctls that change what a REC is created from (registers,
 *		MP state, vCPU features). A sleeping lock taken inside
 *		vcpu->mutex and kvm->slots_lock and outside
 *		kvm->arch.config_lock; never from an MMU notifier or under
 *		mmu_lock.
 * @state:	Written with @lock held, with release semantics; read anywhere
 *		through kvm_realm_state().
 * @ipa_bits:	Width of the realm's IPA space, shared half included. Constant
 *		for the life of the VM.
 * @rd:		PA of the realm descriptor. Valid from KVM_REALM_NEW until the
 *		VM is destroyed.
 * @sve_vq:	SVE vector length in quadwords the realm was created with, 0 if
 *		it has no SVE. Valid from KVM_REALM_NEW.
 * @start_level: Level of the realm's starting level tables.
 * @root:	The starting level tables, delegated to the RMM.
 * @root_pages:	Their number, concatenated.
 * @terminated:	The RMM agreed that the realm is dead. Protected by @lock.
 * @kept_lock:	Protects @kept_tables and @nr_kept_tables. Taken inside
 *		kvm->mmu_lock.
 * @kept_tables: Pages of granules that are delegated and become tables when
 *		blocks of private memory are split.
 * @nr_kept_tables: Their number, not less than that of such blocks.
 */
struct kvm_realm {
	struct mutex		lock;	/* see above */
	enum kvm_realm_state	state;
	unsigned int		ipa_bits;
	phys_addr_t		rd;
	unsigned int		sve_vq;
	int			start_level;
	phys_addr_t		root;
	unsigned int		root_pages;
	bool			terminated;
	spinlock_t		kept_lock;	/* see above */
	struct list_head	kept_tables;
	unsigned long		nr_kept_tables;
};

/**
 * enum kvm_rec_abort - what the last REC exit allows the next entry to say
 * @KVM_REC_ABORT_NONE: Not a data abort at an unprotected IPA: nothing.
 * @KVM_REC_ABORT_OPAQUE: One that cannot be emulated: the realm may be given
 *		an SEA (RMI_REC_ENTER_FLAGS_INJECT_SEA).
 * @KVM_REC_ABORT_EMULATABLE: One that can: an SEA, or the access may be
 *		completed (RMI_REC_ENTER_FLAGS_EMUL_MMIO).
 *
 * DEN0137 A4.2.3. The RMM refuses an entry that says more.
 */
enum kvm_rec_abort {
	KVM_REC_ABORT_NONE,
	KVM_REC_ABORT_OPAQUE,
	KVM_REC_ABORT_EMULATABLE,
};

/**
 * struct kvm_rec_mmio - the last data abort at an unprotected IPA
 * @abort:	What may be done about it.
 * @write:	It was a write.
 * @len:	Bytes accessed: 1, 2, 4 or 8.
 * @gpa:	Where, without the shared bit.
 * @data:	What is written, truncated to @len bytes.
 *
 * Belongs to rmi-mmio.c. Everything but @abort is valid only when that is
 * KVM_REC_ABORT_EMULATABLE; @gpa also when it is KVM_REC_ABORT_OPAQUE, but
 * then to the page only.
 */
struct kvm_rec_mmio {
	enum kvm_rec_abort	abort;
	bool			write;
	u8			len;
	gpa_t			gpa;
	u64			data;
};

/**
 * struct kvm_rec - the realm half of a vCPU
 * @run:	Page shared with the RMM: what goes in at REC entry and comes
 *		out at REC exit.
 * @run_pa:	PA of @run.
 * @pa:		PA of the REC granule, delegated to the RMM.
 * @status:	What the RMM answered to the last RMI_REC_ENTER. @run->exit is
 *		new only if that is RMI_SUCCESS.
 * @entry_flags: RMI_REC_ENTER_FLAGS_* that are due once. Consumed only by an
 *		entry that really happened.
 * @host_call:	The realm waits for the answer to a host call, which is in the
 *		vCPU's X0 to X30.
 * @serror:	The last exit was due to an SError that an ordinary VM would take.
 * @sysreg_done: The last exit was for a system register, and the vgic has done
 *		what there was to do.
 * @mmio:	See struct kvm_rec_mmio.
 * @psci:	PSCI call of the realm that names another REC and is to be
 *		completed before this one is entered again.
 * @psci.target: That other vCPU, NULL when there is no such call.
 * @psci.cpu_on: It is a CPU_ON.
 * @cpu_on_seq:	Number of CPU_ON calls that were completed for this REC, as the
 *		target. Written with vcpu->arch.mp_state_lock held.
 * @entry_seq:	@cpu_on_seq before the last entry.
 * @off:	The REC may be off: created so, or turned off by the realm and
 *		neither entered nor certainly turned on since.
 * @off_seq:	Number of times the REC became off. Like @off, changed with
 *		vcpu->arch.mp_state_lock held unless the REC has just run.
 * @ripas:	RIPAS change the realm asked for with the last exit.
 * @ripas.base:	First IPA of it.
 * @ripas.top:	First IPA after it.
 * @ripas.pending: To be committed before the REC is entered again.
 *
 * Exists from the activation of the realm to the destruction of the vCPU:
 * vcpu->arch.rec is NULL before. The addresses are constant; everything else but
 * @cpu_on_seq, @off and @off_seq is protected by vcpu->mutex.
 */
struct kvm_rec {
	struct rmi_rec_run	*run;
	phys_addr_t		run_pa;
	phys_addr_t		pa;
	rmi_status_t		status;
	u64			entry_flags;
	bool			host_call;
	bool			serror;
	bool			sysreg_done;
	struct kvm_rec_mmio	mmio;
	struct {
		struct kvm_vcpu	*target;
		bool		cpu_on;
	} psci;
	unsigned int		cpu_on_seq;
	unsigned int		entry_seq;
	bool			off;
	unsigned int		off_seq;
	struct {
		gpa_t		base;
		gpa_t		top;
		bool		pending;
	} ripas;
};

/* True for a realm VM in every state of its life. */
static inline bool kvm_is_realm(const struct kvm *kvm)
{
	return kvm->arch.realm;
}

/*
 * True for every vCPU of a realm VM, also before its REC exists; see
 * struct kvm_rec.
 */
static inline bool vcpu_is_rec(const struct kvm_vcpu *vcpu)
{
	return kvm_is_realm(vcpu->kvm);
}

static inline enum kvm_realm_state kvm_realm_state(const struct kvm *kvm)
{
	/* Pairs with realm_set_state() */
	return smp_load_acquire(&kvm->arch.realm->state);
}

/*
 * The realm's IPA space has two halves over the same GPAs: protected (private)
 * and, with the top bit set, unprotected (shared). This is the one definition
 * of that bit; everything else is derived from it.
 */
static inline gpa_t kvm_realm_shared_bit(const struct kvm *kvm)
{
	return BIT_ULL(kvm->arch.realm->ipa_bits - 1);
}

static inline bool kvm_realm_ipa_is_shared(const struct kvm *kvm, gpa_t ipa)
{
	return ipa & kvm_realm_shared_bit(kvm);
}

static inline gpa_t kvm_realm_ipa_to_gpa(const struct kvm *kvm, gpa_t ipa)
{
	return ipa & ~kvm_realm_shared_bit(kvm);
}

static inline gpa_t kvm_realm_gpa_to_shared_ipa(const struct kvm *kvm, gpa_t gpa)
{
	return gpa | kvm_realm_shared_bit(kvm);
}

/* rmi.c */
void __init kvm_init_rmi(void);
bool kvm_rmi_available(void);
unsigned int kvm_rmi_ipa_limit(void);
unsigned int kvm_rmi_max_sve_vq(void);
u64 kvm_rmi_limit_dfr0(u64 dfr0);
bool kvm_realm_cap_allowed(long ext);
bool kvm_realm_ioctl_allowed(unsigned int ioctl);
int kvm_realm_max_vcpus(void);
int kvm_realm_init_vm(struct kvm *kvm);
int kvm_realm_populate(struct kvm *kvm, struct kvm_arm_rmi_populate *args);
int kvm_realm_activate(struct kvm_vcpu *vcpu);
void kvm_realm_terminate(struct kvm *kvm);
void kvm_realm_destroy_vm(struct kvm *kvm);

/**
 * struct kvm_realm_fault - a stage 2 abort of a realm, as the RMM reports it
 * @ipa:	Page of the faulting IPA, shared bit included.
 * @write:	The access was a data write.
 * @exec:	The access was an instruction fetch.
 */
struct kvm_realm_fault {
	gpa_t	ipa;
	bool	write;
	bool	exec;
};

/* rmi-rtt.c */
int kvm_realm_handle_fault(struct kvm_vcpu *vcpu,
			   const struct kvm_realm_fault *fault);
int kvm_realm_ripas_exit(struct kvm_vcpu *vcpu);
int kvm_realm_ripas_commit(struct kvm_vcpu *vcpu);
int kvm_realm_map_initial(struct kvm *kvm, gpa_t gpa, kvm_pfn_t pfn,
			  struct page *src, bool measure);
int kvm_realm_init_ripas(struct kvm *kvm, gpa_t base, gpa_t top);
void kvm_realm_unmap_gfn_range(struct kvm *kvm, gfn_t start, gfn_t end,
			       unsigned int filter, bool may_block);
void kvm_realm_unmap_all(struct kvm *kvm);
void kvm_realm_destroy_tables(struct kvm *kvm);

/* rmi-rec.c */
int kvm_rec_create(struct kvm_vcpu *vcpu);
void kvm_rec_destroy(struct kvm_vcpu *vcpu);
unsigned long kvm_realm_vcpu_features(void);
int kvm_rec_lock_params(struct kvm_vcpu *vcpu);
void kvm_rec_unlock_params(struct kvm_vcpu *vcpu);
int kvm_rec_pre_enter(struct kvm_vcpu *vcpu);
void kvm_rec_flush_hwstate(struct kvm_vcpu *vcpu);
int kvm_rec_enter(struct kvm_vcpu *vcpu);
void kvm_rec_sync_hwstate(struct kvm_vcpu *vcpu);

/* rmi-exit.c */
int kvm_rec_handle_exit(struct kvm_vcpu *vcpu);

/* rmi-mmio.c */
void kvm_rec_mmio_exit(struct kvm_vcpu *vcpu);
void kvm_rec_mmio_resolved(struct kvm_vcpu *vcpu);
int kvm_rec_emulate_mmio(struct kvm_vcpu *vcpu);
int kvm_rec_complete_mmio(struct kvm_vcpu *vcpu);
int kvm_rec_inject_sea(struct kvm_vcpu *vcpu);
void kvm_rec_get_events(struct kvm_vcpu *vcpu, struct kvm_vcpu_events *events);
int kvm_rec_set_events(struct kvm_vcpu *vcpu,
		       const struct kvm_vcpu_events *events);

/* reset.c */
unsigned int kvm_vm_max_sve_vl(struct kvm *kvm);

/* psci.c */
int kvm_psci_rec_exit(struct kvm_vcpu *vcpu, u32 fn, unsigned long mpidr);
int kvm_psci_rec_cpu_off(struct kvm_vcpu *vcpu);
unsigned int kvm_psci_rec_off_seq(struct kvm_vcpu *vcpu);
void kvm_psci_rec_cpu_on(struct kvm_vcpu *vcpu, unsigned int off_seq);

/* For what userspace can have happen as often as it likes. */
#define vcpu_err_ratelimited(vcpu, fmt, ...)				\
	pr_err_ratelimited("kvm [%i]: vcpu%i " fmt,			\
			   task_pid_nr(current), (vcpu)->vcpu_id,	\
			   ## __VA_ARGS__)

#endif /* __ASM_KVM_RMI_H */
