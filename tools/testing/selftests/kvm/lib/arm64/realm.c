// SPDX-License-Identifier: GPL-2.0-only
/*
 * Realm VMs (Arm CCA, DEN0137): creation, launch, and what runs inside them
 */
#include <linux/build_bug.h>
#include <linux/limits.h>
#include <linux/sizes.h>

#include <dirent.h>
#include <endian.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm_util.h"
#include "processor.h"
#include "realm.h"
#include "rmm_test_control.h"

#define CAP_PARAM	"/sys/module/kvm/parameters/kvm_cap_arm_rmi"

/* Where struct vcpu_boot begins in the page of the stub. */
#define VCPU_BOOT_OFFSET	0x800

#define ASSERT_BOOT_OFFSET(_name, _field)	\
	static_assert(offsetof(struct vcpu_boot, _field) == VCPU_BOOT_##_name)

ASSERT_BOOT_OFFSET(SCTLR, sctlr);
ASSERT_BOOT_OFFSET(TCR, tcr);
ASSERT_BOOT_OFFSET(MAIR, mair);
ASSERT_BOOT_OFFSET(TTBR0, ttbr0);
ASSERT_BOOT_OFFSET(CPACR, cpacr);
ASSERT_BOOT_OFFSET(VBAR, vbar);
ASSERT_BOOT_OFFSET(TPIDR, tpidr);
ASSERT_BOOT_OFFSET(SP, sp);
ASSERT_BOOT_OFFSET(ENTRY, entry);
ASSERT_BOOT_OFFSET(ARGS, args);

const char * const vm_kind_name[NR_VM_KINDS] = {
	[VM_ORDINARY]	= "ordinary",
	[VM_REALM]	= "realm",
};

/* Per-VM values: the host writes the guest's copy, never its own. */
static bool guest_realm;
static u64 guest_shared;

int kvm_cap_arm_rmi(void)
{
	/* The number moves until the capability is merged. */
	if (!access(CAP_PARAM, R_OK))
		return get_kvm_param_integer("kvm_cap_arm_rmi");

	return KVM_CAP_ARM_RMI;
}

bool kvm_supports_realms(const char **reason)
{
	static char why[128];
	int cap = kvm_cap_arm_rmi();

	if (kvm_has_cap(cap))
		return true;

	snprintf(why, sizeof(why),
		 "KVM_CAP_ARM_RMI (%d) is not available: %s", cap,
		 access(CAP_PARAM, R_OK) ? "kernel without realm support" :
					   "no usable RMM found at boot");
	if (reason)
		*reason = why;
	return false;
}

void test_require_realms(void)
{
	const char *reason = NULL;

	__TEST_REQUIRE(kvm_supports_realms(&reason), "%s", reason);
}

void vm_init_address_properties(struct kvm_vm *vm)
{
	if (!vm_is_realm(vm))
		return;

	vm->gpa_tag_mask = BIT_ULL(vm->pa_bits - 1);
	vm->arch.has_boot_stub = true;
}

static void *vcpu_boot_page(struct kvm_vcpu *vcpu)
{
	return (void *)vcpu->boot - VCPU_BOOT_OFFSET;
}

gpa_t vcpu_boot_entry(struct kvm_vcpu *vcpu)
{
	return addr_hva2gpa(vcpu->vm, vcpu_boot_page(vcpu));
}

gpa_t vcpu_boot_arg(struct kvm_vcpu *vcpu)
{
	return addr_hva2gpa(vcpu->vm, vcpu->boot);
}

gpa_t vm_alloc_identity_page(struct kvm_vm *vm)
{
	gpa_t gpa = vm_alloc_page_table(vm);

	TEST_ASSERT(!sparsebit_is_set(vm->vpages_mapped, gpa >> vm->page_shift),
		    "No virtual address for the boot stub, gpa: 0x%lx", gpa);
	virt_map(vm, gpa, gpa, 1);
	return gpa;
}

void vcpu_boot_init(struct kvm_vcpu *vcpu)
{
	const size_t stub_size = vcpu_boot_stub_end - vcpu_boot_stub;
	struct kvm_vm *vm = vcpu->vm;
	void *page;

	static_assert(VCPU_BOOT_OFFSET + sizeof(struct vcpu_boot) <= MIN_PAGE_SIZE);
	TEST_ASSERT(stub_size <= VCPU_BOOT_OFFSET, "Boot stub of 0x%lx bytes", stub_size);

	page = addr_gpa2hva(vm, vm_alloc_identity_page(vm));
	memset(page, 0, vm->page_size);
	memcpy(page, vcpu_boot_stub, stub_size);

	vcpu->boot = page + VCPU_BOOT_OFFSET;
	*vcpu->boot = (struct vcpu_boot) {
		.sctlr	= SCTLR_ELx_M | SCTLR_ELx_C | SCTLR_ELx_I,
		.tcr	= aarch64_stage1_tcr(vm),
		.mair	= DEFAULT_MAIR_EL1,
		.ttbr0	= aarch64_stage1_ttbr0(vm),
		/* Variable argument lists save Q0-Q7. */
		.cpacr	= 3 << 20,
		.tpidr	= vcpu->id,
	};

	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.pc), vcpu_boot_entry(vcpu));
	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.regs[0]), vcpu_boot_arg(vcpu));
}

/* Private and shared memory change places by whole pages of the host. */
static enum vm_guest_mode mode_of_host_page_size(void)
{
	switch (getpagesize()) {
	case SZ_16K:
		return VM_MODE_P40V48_16K;
	case SZ_64K:
		return VM_MODE_P40V48_64K;
	default:
		return VM_MODE_P40V48_4K;
	}
}

struct vm_shape vm_kind_shape(enum vm_kind kind)
{
	struct vm_shape shape = VM_SHAPE(mode_of_host_page_size());

	if (kind == VM_REALM)
		shape.type = KVM_VM_TYPE_ARM_REALM;
	return shape;
}

struct kvm_vm *vm_create_kind(enum vm_kind kind, u32 nr_vcpus,
			      void *guest_code, struct kvm_vcpu *vcpus[])
{
	struct kvm_vm *vm;
	u32 i;

	vm = __vm_create(vm_kind_shape(kind), nr_vcpus, 0);
	vm->arch.has_boot_stub = true;
	write_guest_global(vm, guest_realm, kind == VM_REALM);
	write_guest_global(vm, guest_shared, vm_shared_bit(vm));

	vm_init_descriptor_tables(vm);
	for (i = 0; i < nr_vcpus; i++) {
		vcpus[i] = vm_vcpu_add(vm, i, guest_code);
		vcpu_init_descriptor_tables(vcpus[i]);
	}
	kvm_arch_vm_finalize_vcpus(vm);

	return vm;
}

static void map_half(struct kvm_vm *vm, gva_t gva, gpa_t gpa,
		     unsigned int npages, bool shared)
{
	const u64 bit = vm_shared_bit(vm);
	unsigned int i;

	virt_map(vm, gva, gpa, npages);
	for (i = 0; i < npages; i++) {
		u64 *ptep = virt_get_pte_hva(vm, gva + i * vm->page_size);

		*ptep = shared ? *ptep | bit : *ptep & ~bit;
	}
}

void virt_map_private(struct kvm_vm *vm, gva_t gva, gpa_t gpa, unsigned int npages)
{
	map_half(vm, gva, gpa, npages, false);
}

void virt_map_shared(struct kvm_vm *vm, gva_t gva, gpa_t gpa, unsigned int npages)
{
	map_half(vm, gva, gpa, npages, true);
}

int vcpu_run_errno(struct kvm_vcpu *vcpu)
{
	int ret;

	do {
		ret = __vcpu_run(vcpu) ? errno : 0;
	} while (ret == EINTR);

	return ret;
}

int __vm_realm_populate(struct kvm_vm *vm, struct kvm_arm_rmi_populate *args)
{
	return __vm_ioctl(vm, KVM_ARM_RMI_POPULATE, args);
}

void vm_realm_populate(struct kvm_vm *vm, gpa_t gpa, u64 size, void *source,
		       u32 flags)
{
	struct kvm_arm_rmi_populate args = {
		.base = gpa,
		.size = size,
		.source_uaddr = (u64)source,
		.flags = flags,
	};

	while (args.size) {
		u64 left = args.size;

		vm_ioctl(vm, KVM_ARM_RMI_POPULATE, &args);
		TEST_ASSERT(args.size < left &&
			    args.base == gpa + size - args.size &&
			    args.source_uaddr == (u64)source + size - args.size,
			    "KVM_ARM_RMI_POPULATE of [0x%lx, +0x%lx): left 0x%lx, then base 0x%llx size 0x%llx source 0x%llx",
			    gpa, size, left, args.base, args.size, args.source_uaddr);
	}
}

static void launch_region(struct kvm_vm *vm, struct userspace_mem_region *region)
{
	sparsebit_idx_t first, last;

	if (!sparsebit_any_set(region->protected_phy_pages))
		return;

	sparsebit_for_each_set_range(region->protected_phy_pages, first, last) {
		const gpa_t gpa = first << vm->page_shift;
		const u64 size = (last - first + 1) << vm->page_shift;

		vm_mem_set_private(vm, gpa, size);
		vm_realm_populate(vm, gpa, size, addr_gpa2hva(vm, gpa),
				  KVM_ARM_RMI_POPULATE_FLAGS_MEASURE);
	}
}

void vm_launch(struct kvm_vm *vm)
{
	struct userspace_mem_region *region;
	int ctr;

	if (!vm_is_realm(vm))
		return;

	hash_for_each(vm->regions.slot_hash, ctr, region, slot_node)
		launch_region(vm, region);
}

#define AGENT_MAX_VCPUS		16

static struct agent_access *guest_agents;

static u64 agent_do_load(u64 gva, u32 size)
{
	switch (size) {
	case 1:
		return READ_ONCE(*(u8 *)gva);
	case 2:
		return READ_ONCE(*(u16 *)gva);
	case 4:
		return READ_ONCE(*(u32 *)gva);
	default:
		return READ_ONCE(*(u64 *)gva);
	}
}

static void agent_do_store(u64 gva, u32 size, u64 value)
{
	switch (size) {
	case 1:
		WRITE_ONCE(*(u8 *)gva, value);
		break;
	case 2:
		WRITE_ONCE(*(u16 *)gva, value);
		break;
	case 4:
		WRITE_ONCE(*(u32 *)gva, value);
		break;
	default:
		WRITE_ONCE(*(u64 *)gva, value);
		break;
	}
}

static void guest_agent(void)
{
	struct agent_access *agent = &guest_agents[guest_get_vcpuid()];

	for (;;) {
		if (agent->is_write)
			agent_do_store(agent->gva, agent->size, agent->value);
		else
			agent->value = agent_do_load(agent->gva, agent->size);
		agent->nr_done++;
		GUEST_SYNC(agent->nr_done);
	}
}

struct kvm_vm *vm_create_agents(enum vm_kind kind, u32 nr_vcpus,
				struct kvm_vcpu *vcpus[])
{
	const size_t size = AGENT_MAX_VCPUS * sizeof(struct agent_access);
	struct kvm_vm *vm;
	gva_t gva;

	TEST_ASSERT(nr_vcpus <= AGENT_MAX_VCPUS, "%u agents", nr_vcpus);

	vm = vm_create_kind(kind, nr_vcpus, guest_agent, vcpus);
	gva = vm_alloc_shared(vm, size, KVM_UTIL_MIN_VADDR, MEM_REGION_TEST_DATA);
	write_guest_global(vm, guest_agents, (struct agent_access *)gva);
	vm->arch.agents = addr_gva2hva(vm, gva);
	memset(vm->arch.agents, 0, size);
	return vm;
}

static struct agent_access *agent_of(struct kvm_vcpu *vcpu)
{
	return &vcpu->vm->arch.agents[vcpu->id];
}

static void agent_set(struct kvm_vcpu *vcpu, gva_t gva, u32 size, bool is_write, u64 value)
{
	struct agent_access *agent = agent_of(vcpu);

	agent->gva = gva;
	agent->size = size;
	agent->is_write = is_write;
	agent->value = value;
}

void agent_set_load(struct kvm_vcpu *vcpu, gva_t gva, u32 size)
{
	/* Whatever is loaded, it is not this. */
	agent_set(vcpu, gva, size, false, 0xbadbadbadbadbad1UL);
}

void agent_set_store(struct kvm_vcpu *vcpu, gva_t gva, u32 size, u64 value)
{
	agent_set(vcpu, gva, size, true, value);
}

bool agent_run(struct kvm_vcpu *vcpu)
{
	struct ucall uc;
	int err = vcpu_run_errno(vcpu);

	TEST_ASSERT(!err, "KVM_RUN: %s", strerror(err));

	switch (get_ucall(vcpu, &uc)) {
	case UCALL_NONE:
		return false;
	case UCALL_SYNC:
		TEST_ASSERT_EQ(uc.args[1], agent_of(vcpu)->nr_done);
		return true;
	case UCALL_ABORT:
		REPORT_GUEST_ASSERT(uc);
	default:
		TEST_FAIL("Unexpected ucall %lu", uc.cmd);
	}
}

const struct agent_access *agent_answer(struct kvm_vcpu *vcpu)
{
	return agent_of(vcpu);
}

static void agent_run_to_the_end(struct kvm_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	TEST_ASSERT(agent_run(vcpu), "Exit %u (%s), mmio at 0x%llx", run->exit_reason,
		    exit_reason_str(run->exit_reason), run->mmio.phys_addr);
}

u64 agent_load(struct kvm_vcpu *vcpu, gva_t gva, u32 size)
{
	agent_set_load(vcpu, gva, size);
	agent_run_to_the_end(vcpu);
	return agent_of(vcpu)->value;
}

void agent_store(struct kvm_vcpu *vcpu, gva_t gva, u32 size, u64 value)
{
	agent_set_store(vcpu, gva, size, value);
	agent_run_to_the_end(vcpu);
}

/*
 * The test control page
 */

#define RESERVED_MEMORY		"/proc/device-tree/reserved-memory"

static ssize_t read_property(const char *node, const char *name, void *buf, size_t size)
{
	char path[PATH_MAX];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), RESERVED_MEMORY "/%s/%s", node, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	len = read(fd, buf, size);
	close(fd);
	return len;
}

/* The physical address of the control page, 0 if there is none. */
static u64 find_test_control(void)
{
	static const char compatible[] = TEST_CONTROL_COMPATIBLE;
	char value[sizeof(compatible)];
	struct dirent *entry;
	u64 addr = 0;
	__be64 reg;
	DIR *dir;

	dir = opendir(RESERVED_MEMORY);
	if (!dir)
		return 0;

	while ((entry = readdir(dir)) && !addr) {
		if (read_property(entry->d_name, "compatible", value,
				  sizeof(value)) == sizeof(value) &&
		    !memcmp(value, compatible, sizeof(compatible)) &&
		    read_property(entry->d_name, "reg", &reg,
				  sizeof(reg)) == sizeof(reg))
			addr = be64toh(reg);
	}
	closedir(dir);
	return addr;
}

static struct test_control *map_test_control(const char **reason)
{
	struct test_control *control;
	u64 addr = find_test_control();
	void *page;
	int fd;

	*reason = "the firmware has no test control page";
	if (!addr)
		return NULL;

	*reason = "the test control page cannot be mapped (/dev/mem)";
	fd = open("/dev/mem", O_RDWR | O_SYNC);
	if (fd < 0)
		return NULL;
	page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    addr & ~(getpagesize() - 1UL));
	close(fd);
	if (page == MAP_FAILED)
		return NULL;

	control = page + (addr & (getpagesize() - 1));
	*reason = "the test control page has another layout";
	if (control->magic != TEST_CONTROL_MAGIC ||
	    control->version != TEST_CONTROL_VERSION ||
	    control->nr_slots != TEST_CONTROL_SLOTS)
		return NULL;

	return control;
}

static struct test_control *test_control(const char **reason)
{
	static struct test_control *control;
	const char *unused;

	if (!control)
		control = map_test_control(reason ?: &unused);

	return control;
}

static struct test_control *need_test_control(void)
{
	const char *reason = NULL;
	struct test_control *control = test_control(&reason);

	TEST_ASSERT(control, "%s", reason);
	return control;
}

bool rmm_has_test_control(const char **reason)
{
	return test_control(reason);
}

long rmm_delegated_granules(const char **reason)
{
	struct test_control *control = test_control(reason);

	return control ? READ_ONCE(control->delegated) : -1;
}

void rmm_inject(unsigned int slot, const struct rmm_fault *fault)
{
	struct test_control *control = need_test_control();
	struct test_control_slot *s = &control->slot[slot];

	TEST_ASSERT(slot < TEST_CONTROL_SLOTS, "Slot %u", slot);

	WRITE_ONCE(s->repeat, 0);
	dsb(sy);
	WRITE_ONCE(s->fid, fault->fid);
	WRITE_ONCE(s->skip, fault->skip);
	WRITE_ONCE(s->response, fault->response);
	WRITE_ONCE(s->hits, 0);
	dsb(sy);
	WRITE_ONCE(s->repeat, fault->repeat);
	WRITE_ONCE(control->armed, 1);
	dsb(sy);
}

u64 rmm_injected(unsigned int slot)
{
	return READ_ONCE(need_test_control()->slot[slot].hits);
}

void rmm_inject_nothing(void)
{
	struct test_control *control = need_test_control();
	unsigned int slot;

	WRITE_ONCE(control->armed, 0);
	for (slot = 0; slot < TEST_CONTROL_SLOTS; slot++)
		WRITE_ONCE(control->slot[slot].repeat, 0);
	WRITE_ONCE(control->op_flags, 0);
	dsb(sy);
}

void rmm_want_contiguous_memory(void)
{
	WRITE_ONCE(need_test_control()->op_flags, TEST_CONTROL_OP_CONTIG);
	dsb(sy);
}

bool guest_is_realm(void)
{
	return READ_ONCE(guest_realm);
}

u64 guest_shared_bit(void)
{
	return READ_ONCE(guest_shared);
}

gpa_t guest_virt_to_phys(const void *addr)
{
	u64 par;

	asm volatile("at s1e1r, %0" : : "r"(addr) : "memory");
	isb();
	par = read_sysreg(par_el1);
	GUEST_ASSERT(!(par & SYS_PAR_EL1_F));

	return (par & GENMASK(47, 12)) | ((u64)addr & GENMASK(11, 0));
}

u64 guest_psci(u32 fid, u64 arg0, u64 arg1, u64 arg2)
{
	struct arm_smccc_res res;

	if (guest_is_realm())
		smccc_smc(fid, arg0, arg1, arg2, 0, 0, 0, 0, &res);
	else
		smccc_hvc(fid, arg0, arg1, arg2, 0, 0, 0, 0, &res);

	return res.a0;
}

void rsi_smc(struct rsi_regs *regs)
{
	register struct rsi_regs *r asm("x18") = regs;

	asm volatile("ldp	x0, x1, [x18, #0]\n"
	"	ldp	x2, x3, [x18, #16]\n"
	"	ldp	x4, x5, [x18, #32]\n"
	"	ldp	x6, x7, [x18, #48]\n"
	"	ldp	x8, x9, [x18, #64]\n"
	"	ldp	x10, x11, [x18, #80]\n"
	"	ldp	x12, x13, [x18, #96]\n"
	"	ldp	x14, x15, [x18, #112]\n"
	"	ldp	x16, x17, [x18, #128]\n"
	"	smc	#0\n"
	"	stp	x0, x1, [x18, #0]\n"
	"	stp	x2, x3, [x18, #16]\n"
	"	stp	x4, x5, [x18, #32]\n"
	"	stp	x6, x7, [x18, #48]\n"
	"	stp	x8, x9, [x18, #64]\n"
	"	stp	x10, x11, [x18, #80]\n"
	"	stp	x12, x13, [x18, #96]\n"
	"	stp	x14, x15, [x18, #112]\n"
	"	stp	x16, x17, [x18, #128]\n"
	: : "r"(r)
	: "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",
	  "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
}

unsigned long rsi_version(u64 requested, u64 *lower, u64 *higher)
{
	struct rsi_regs regs = { { SMC_RSI_VERSION, requested } };

	rsi_smc(&regs);
	*lower = regs.x[1];
	*higher = regs.x[2];
	return regs.x[0];
}

unsigned long rsi_ipa_state_set(gpa_t base, gpa_t top, u64 ripas, u64 flags,
				gpa_t *next, u64 *response)
{
	struct rsi_regs regs = {
		{ SMC_RSI_IPA_STATE_SET, base, top, ripas, flags }
	};

	rsi_smc(&regs);
	*next = regs.x[1];
	*response = regs.x[2];
	return regs.x[0];
}

unsigned long rsi_ipa_state_get(gpa_t base, gpa_t end, gpa_t *top, u64 *ripas)
{
	struct rsi_regs regs = { { SMC_RSI_IPA_STATE_GET, base, end } };

	rsi_smc(&regs);
	*top = regs.x[1];
	*ripas = regs.x[2];
	return regs.x[0];
}

unsigned long rsi_set_ripas(gpa_t base, gpa_t top, u64 ripas)
{
	while (base < top) {
		gpa_t next;
		u64 response;
		unsigned long status;

		status = rsi_ipa_state_set(base, top, ripas, 0, &next, &response);
		if (status != RSI_SUCCESS)
			return status;
		GUEST_ASSERT_EQ(response, (u64)RSI_RESPONSE_ACCEPT);
		GUEST_ASSERT(next > base && next <= top);
		base = next;
	}

	return RSI_SUCCESS;
}

unsigned long rsi_host_call(struct rsi_host_call *call)
{
	struct rsi_regs regs = {
		{ SMC_RSI_HOST_CALL, guest_virt_to_phys(call) }
	};

	rsi_smc(&regs);
	return regs.x[0];
}

static long read_mem_free_kb(void)
{
	char line[128];
	long kb = -1;
	FILE *f;

	f = fopen("/proc/sys/vm/drop_caches", "w");
	if (f) {
		fputs("3", f);
		fclose(f);
	}

	f = fopen("/proc/meminfo", "r");
	TEST_ASSERT(f, "/proc/meminfo: %s", strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "MemFree: %ld kB", &kb) == 1)
			break;
	}
	fclose(f);
	return kb;
}

long mem_free_kb(void)
{
	long kb, last;
	int i;

	sync();
	last = read_mem_free_kb();
	for (i = 0; i < 50; i++) {
		usleep(100000);
		kb = read_mem_free_kb();
		if (kb <= last)
			break;
		last = kb;
	}
	return last;
}
