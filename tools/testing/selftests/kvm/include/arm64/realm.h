/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Realm VMs (Arm CCA, DEN0137) for selftests
 *
 * A test is written once and run in a realm VM and in an ordinary VM, the
 * latter as the control: the same vCPU entry, page tables, ucalls and device
 * addresses serve both. What differs is kept in here:
 *
 *  - memory of the memslots is protected by default and measured into the
 *    realm by vm_launch(); what a test takes with vm_alloc_shared(), and every
 *    address that is no memory, is mapped with the shared bit set;
 *  - the host can set X0-X30 and PC only, so vCPUs start in a stub that
 *    programs EL1 by itself, from struct vcpu_boot.
 */
#ifndef SELFTEST_KVM_REALM_H
#define SELFTEST_KVM_REALM_H

/* Offsets into struct vcpu_boot, for the stub. */
#define VCPU_BOOT_SCTLR		0x00
#define VCPU_BOOT_TCR		0x08
#define VCPU_BOOT_MAIR		0x10
#define VCPU_BOOT_TTBR0		0x18
#define VCPU_BOOT_CPACR		0x20
#define VCPU_BOOT_VBAR		0x28
#define VCPU_BOOT_TPIDR		0x30
#define VCPU_BOOT_SP		0x38
#define VCPU_BOOT_ENTRY		0x40
#define VCPU_BOOT_ARGS		0x48

#ifndef __ASSEMBLER__

#include <asm/rmi-defs.h>
#include <asm/rsi-defs.h>

#include "kvm_util.h"

/*
 * struct vcpu_boot - What a vCPU programs itself with before it runs test code
 *
 * It sits behind the stub, in a page that is mapped at its own address, so
 * that the stub can turn on the MMU. A vCPU enters the page at its start with
 * X0 = vcpu_boot_arg(), be it by its first KVM_RUN or by PSCI CPU_ON.
 *
 * @sctlr: bits to set in SCTLR_EL1
 * @tcr, @mair, @ttbr0, @cpacr, @vbar, @tpidr, @sp: EL1 registers
 * @entry: address of the test's code
 * @args: X0-X7 for the test's code
 */
struct vcpu_boot {
	u64 sctlr;
	u64 tcr;
	u64 mair;
	u64 ttbr0;
	u64 cpacr;
	u64 vbar;
	u64 tpidr;
	u64 sp;
	u64 entry;
	u64 args[8];
};

extern const char vcpu_boot_stub[];
extern const char vcpu_boot_stub_end[];

void vcpu_boot_init(struct kvm_vcpu *vcpu);
gpa_t vcpu_boot_entry(struct kvm_vcpu *vcpu);
gpa_t vcpu_boot_arg(struct kvm_vcpu *vcpu);

/* The number of KVM_CAP_ARM_RMI in the running kernel. */
int kvm_cap_arm_rmi(void);

/* Can realm VMs be created? If not, @reason (when not NULL) says why. */
bool kvm_supports_realms(const char **reason);

/* Skip the whole test, with the reason, if realm VMs cannot be created. */
void test_require_realms(void);

/*
 * End a test that runs its cases in an ordinary VM even when there are no
 * realms: exit with "skip" then, unless something failed.
 */
static inline void __noreturn realm_test_finished(void)
{
	if (ksft_get_fail_cnt() || kvm_supports_realms(NULL))
		ksft_finished();

	ksft_print_cnts();
	exit(KSFT_SKIP);
}

/*
 * The same for a test that uses the harness, which does not return and takes
 * skipped tests for success.
 */
#define realm_harness_run(_argc, _argv)					\
({									\
	int __status;							\
									\
	if (kvm_supports_realms(NULL) || !fork())			\
		exit(test_harness_run(_argc, _argv));			\
									\
	wait(&__status);						\
	WIFEXITED(__status) && !WEXITSTATUS(__status) ? KSFT_SKIP :	\
							KSFT_FAIL;	\
})

/* The two kinds of VM a test runs its cases in. */
enum vm_kind {
	VM_ORDINARY,
	VM_REALM,
	NR_VM_KINDS,
};

extern const char * const vm_kind_name[NR_VM_KINDS];

/* The variants of a fixture whose tests run in both, variant->kind. */
#define FIXTURE_VARIANT_KINDS(_fixture)					\
	FIXTURE_VARIANT(_fixture) {					\
		enum vm_kind kind;					\
	};								\
	FIXTURE_VARIANT_ADD(_fixture, ordinary) {			\
		.kind = VM_ORDINARY,					\
	};								\
	FIXTURE_VARIANT_ADD(_fixture, realm) {				\
		.kind = VM_REALM,					\
	}

/* SKIP() with the reason if a VM of this kind cannot be created. */
#define SKIP_WITHOUT_REALMS(_statement, _kind)				\
do {									\
	const char *__reason;						\
									\
	if ((_kind) == VM_REALM && !kvm_supports_realms(&__reason))	\
		SKIP(_statement, "%s", __reason);			\
} while (0)

struct vm_shape vm_kind_shape(enum vm_kind kind);

/*
 * Create a VM of a kind, with vCPUs that start in the stub. Nothing is run or
 * measured before vm_launch(); guest memory, arguments, handlers and entry
 * points can be set until then.
 */
struct kvm_vm *vm_create_kind(enum vm_kind kind, u32 nr_vcpus,
			      void *guest_code, struct kvm_vcpu *vcpus[]);

/* A page whose virtual address is its physical one, for code to turn off the MMU. */
gpa_t vm_alloc_identity_page(struct kvm_vm *vm);

/* Measure the protected memory into a realm. Nothing to do for other VMs. */
void vm_launch(struct kvm_vm *vm);

/* The bit that selects the shared half of the address space, 0 if none. */
static inline u64 vm_shared_bit(struct kvm_vm *vm)
{
	return vm->gpa_tag_mask;
}

/*
 * Map guest virtual memory to one half of the address space of a realm,
 * whatever the state of the memory is. In an ordinary VM there is no
 * difference. Must precede vm_launch(), the page tables are protected memory.
 */
void virt_map_private(struct kvm_vm *vm, gva_t gva, gpa_t gpa, unsigned int npages);
void virt_map_shared(struct kvm_vm *vm, gva_t gva, gpa_t gpa, unsigned int npages);

/*
 * KVM_RUN until something else than a signal ends it. Returns 0 or the errno,
 * and does not care for ucalls.
 */
int vcpu_run_errno(struct kvm_vcpu *vcpu);

/* One KVM_ARM_RMI_POPULATE. Returns -1 and errno like ioctl(). */
int __vm_realm_populate(struct kvm_vm *vm, struct kvm_arm_rmi_populate *args);

/* Populate all of a range, in as many calls as KVM wants. */
void vm_realm_populate(struct kvm_vm *vm, gpa_t gpa, u64 size, void *source,
		       u32 flags);

/*
 * The agent: guest code that does one access after the other as the VMM says,
 * for tests whose subject is the VMM's side. Each vCPU has its own.
 */

/* What the agent is told, and what it answers. In shared memory. */
struct agent_access {
	u64 gva;
	u64 value;		/* stored, or loaded */
	u32 size;		/* bytes: 1, 2, 4, 8 */
	bool is_write;
	u64 nr_done;		/* accesses finished so far */
};

/* Like vm_create_kind(), with vCPUs that run the agent. */
struct kvm_vm *vm_create_agents(enum vm_kind kind, u32 nr_vcpus,
				struct kvm_vcpu *vcpus[]);

/* Tell the agent of a vCPU what to do next. Nothing is run. */
void agent_set_load(struct kvm_vcpu *vcpu, gva_t gva, u32 size);
void agent_set_store(struct kvm_vcpu *vcpu, gva_t gva, u32 size, u64 value);

/*
 * KVM_RUN once. Returns true when the agent is done with its access, false if
 * the vCPU exited for something else: see vcpu->run.
 */
bool agent_run(struct kvm_vcpu *vcpu);

/* The answer of the agent. */
const struct agent_access *agent_answer(struct kvm_vcpu *vcpu);

/* All of it for an access that needs no help: load, or store. */
u64 agent_load(struct kvm_vcpu *vcpu, gva_t gva, u32 size);
void agent_store(struct kvm_vcpu *vcpu, gva_t gva, u32 size, u64 value);

/*
 * An RMM made for tests: it shares a page with them, see rmm_test_control.h.
 * What follows fails the test if there is none, unless a @reason is returned.
 */
bool rmm_has_test_control(const char **reason);

/* The number of granules the RMM holds; -1 if that cannot be known. */
long rmm_delegated_granules(const char **reason);

/* Free memory in kB, when all that is on its way back has come. */
long mem_free_kb(void);

/*
 * struct rmm_fault - What the RMM is to answer instead of doing its work
 * @fid: the command, SMC_RMI_*
 * @skip: how many of them are to be carried out before
 * @repeat: how many of them to answer then
 * @response: the answer; RMI_INCOMPLETE has the command done in two steps
 */
struct rmm_fault {
	u64 fid;
	u64 skip;
	u64 repeat;
	u64 response;
};

/* There are 16 slots; a lower one is looked at first. */
void rmm_inject(unsigned int slot, const struct rmm_fault *fault);

/* How often the fault in a slot was the answer. */
u64 rmm_injected(unsigned int slot);

/* End all of it, also after another program left something behind. */
void rmm_inject_nothing(void);

/* Have operations that need memory want it in one piece, from now on. */
void rmm_want_contiguous_memory(void);

/*
 * Guest side.
 */

/* The kind of VM this code runs in; the host's copy means nothing. */
bool guest_is_realm(void);

/* The shared bit as the guest knows it, 0 in an ordinary VM. */
u64 guest_shared_bit(void);

/* The guest physical address behind a virtual one, shared bit included. */
gpa_t guest_virt_to_phys(const void *addr);

/* A PSCI call: of a realm to the RMM, of an ordinary VM to the host. */
u64 guest_psci(u32 fid, u64 arg0, u64 arg1, u64 arg2);

/* X0-X17 of an SMC, before and after (SMCCC 1.2). */
struct rsi_regs {
	u64 x[18];
};

void rsi_smc(struct rsi_regs *regs);

unsigned long rsi_version(u64 requested, u64 *lower, u64 *higher);
unsigned long rsi_ipa_state_set(gpa_t base, gpa_t top, u64 ripas, u64 flags,
				gpa_t *next, u64 *response);
unsigned long rsi_ipa_state_get(gpa_t base, gpa_t end, gpa_t *top, u64 *ripas);

/* Change the RIPAS of all of a range. Returns the first status not success. */
unsigned long rsi_set_ripas(gpa_t base, gpa_t top, u64 ripas);

/*
 * Call the host. @call lies in protected memory and within a page; its gprs
 * go out and come back.
 */
unsigned long rsi_host_call(struct rsi_host_call *call);

#endif /* __ASSEMBLER__ */
#endif /* SELFTEST_KVM_REALM_H */
