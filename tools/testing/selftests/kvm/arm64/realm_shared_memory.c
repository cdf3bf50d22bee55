// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_shared_memory - The shared half of a realm's memory
 *
 * Behind it is ordinary memory of the VMM, of any kind the VMM may have. What
 * one side writes the other side reads, whoever came first, and a page that
 * changes between private and shared takes nothing along. In an ordinary VM
 * for control, as far as there is such a thing.
 */
#include <linux/sizes.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>

#include "kvm_test_harness.h"
#include "processor.h"
#include "realm.h"
#include "test_util.h"

#define SLOT		10
#define SLOT_GPA	0x40000000UL
#define SHARED_GVA	0x60000000UL
#define PRIVATE_GVA	0x50000000UL

/* Two blocks of 2 MB and a bit, not aligned on either side. */
#define SLOT_SIZE	(SZ_4M + 5 * SZ_64K)

enum backing {
	BACKING_ANON,
	BACKING_ANON_THP,
	BACKING_ANON_SHARED,
	BACKING_MEMFD,
	BACKING_MEMFD_PRIVATE,
	BACKING_FILE_PRIVATE,
	BACKING_MISALIGNED_THP,
};

FIXTURE(backing) {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpu;
	void *mem;
	size_t mem_size;
	u8 *hva;
};

FIXTURE_VARIANT(backing) {
	enum vm_kind kind;
	enum backing backing;
};

#define ADD_BACKING(_name, _backing)					\
FIXTURE_VARIANT_ADD(backing, ordinary_##_name) {			\
	.kind = VM_ORDINARY,						\
	.backing = _backing,						\
};									\
									\
FIXTURE_VARIANT_ADD(backing, realm_##_name) {				\
	.kind = VM_REALM,						\
	.backing = _backing,						\
}

ADD_BACKING(anonymous, BACKING_ANON);
ADD_BACKING(anonymous_huge, BACKING_ANON_THP);
ADD_BACKING(anonymous_shared, BACKING_ANON_SHARED);
ADD_BACKING(memfd, BACKING_MEMFD);
ADD_BACKING(memfd_copy_on_write, BACKING_MEMFD_PRIVATE);
ADD_BACKING(file_copy_on_write, BACKING_FILE_PRIVATE);
ADD_BACKING(misaligned_huge, BACKING_MISALIGNED_THP);

/* The content of file-backed memory before anyone writes it. */
static bool has_content(enum backing backing)
{
	return backing == BACKING_MEMFD || backing == BACKING_MEMFD_PRIVATE ||
	       backing == BACKING_FILE_PRIVATE;
}

static u64 content(size_t offset)
{
	return 0xf11e000000000000UL + offset;
}

static int new_file(enum backing backing, size_t size)
{
	char name[] = "/tmp/realm_shared_memory.XXXXXX";
	size_t offset;
	int fd;

	if (backing == BACKING_FILE_PRIVATE) {
		fd = mkstemp(name);
		unlink(name);
	} else {
		fd = memfd_create("realm_shared_memory", 0);
	}
	TEST_ASSERT(fd >= 0, __KVM_SYSCALL_ERROR("open", fd));
	TEST_ASSERT(!ftruncate(fd, size), "ftruncate");

	for (offset = 0; offset < size; offset += SZ_4K) {
		const u64 value = content(offset);

		TEST_ASSERT(pwrite(fd, &value, sizeof(value), offset) == sizeof(value),
			    "pwrite");
	}
	return fd;
}

/* Returns the memory, of @size, which begins at the start of the mapping or later. */
static void *map_backing(enum backing backing, size_t size, void **map, size_t *map_size)
{
	const bool shared = backing == BACKING_ANON_SHARED || backing == BACKING_MEMFD;
	const bool huge = backing == BACKING_ANON_THP || backing == BACKING_MISALIGNED_THP;
	int flags = shared ? MAP_SHARED : MAP_PRIVATE;
	int fd = -1;
	void *mem;

	*map_size = size + 2 * SZ_2M;
	if (has_content(backing))
		fd = new_file(backing, *map_size);
	else
		flags |= MAP_ANONYMOUS;

	*map = kvm_mmap(*map_size, PROT_READ | PROT_WRITE, flags, fd);
	if (fd >= 0)
		close(fd);

	mem = *map;
	if (huge) {
		mem = align_ptr_up(mem, SZ_2M);
		if (backing == BACKING_MISALIGNED_THP)
			mem += SZ_64K;
		madvise(*map, *map_size, MADV_HUGEPAGE);
	} else if (!has_content(backing)) {
		madvise(*map, *map_size, MADV_NOHUGEPAGE);
	}
	return mem;
}

FIXTURE_SETUP(backing)
{
	SKIP_WITHOUT_REALMS(return, variant->kind);

	self->vm = vm_create_agents(variant->kind, 1, &self->vcpu);
	self->hva = map_backing(variant->backing, SLOT_SIZE, &self->mem, &self->mem_size);
	vm_set_user_memory_region(self->vm, SLOT, 0, SLOT_GPA, SLOT_SIZE, self->hva);
	virt_map_shared(self->vm, SHARED_GVA, SLOT_GPA, SLOT_SIZE / self->vm->page_size);
	vm_launch(self->vm);
}

FIXTURE_TEARDOWN(backing)
{
	kvm_vm_free(self->vm);
	munmap(self->mem, self->mem_size);
}

/* Pages to look at: the edges of the blocks, some in the middle, the last. */
static const size_t offsets[] = {
	0, SZ_4K, SZ_64K, SZ_1M, SZ_2M - SZ_64K, SZ_2M - SZ_4K, SZ_2M, SZ_2M + SZ_4K,
	SZ_2M + SZ_64K, SZ_4M - SZ_4K, SZ_4M, SZ_4M + SZ_64K, SLOT_SIZE - SZ_4K,
};

static u64 host_read(u8 *hva, size_t offset)
{
	return READ_ONCE(*(u64 *)(hva + offset));
}

static void host_write(u8 *hva, size_t offset, u64 value)
{
	WRITE_ONCE(*(u64 *)(hva + offset), value);
}

static u64 untouched(enum backing backing, u8 *mem, u8 *hva, size_t offset)
{
	return has_content(backing) ? content(hva - mem + offset) : 0;
}

/* The guest reads first, then writes: no page is another one's alias. */
TEST_F(backing, h06_guest_first)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		ASSERT_EQ(untouched(variant->backing, self->mem, self->hva, offsets[i]),
			  agent_load(self->vcpu, SHARED_GVA + offsets[i], 8));
	}
	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		agent_store(self->vcpu, SHARED_GVA + offsets[i], 8, 0x1000UL + i);
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		ASSERT_EQ(0x1000UL + i, host_read(self->hva, offsets[i]));
		ASSERT_EQ(0x1000UL + i, agent_load(self->vcpu, SHARED_GVA + offsets[i], 8));
	}

	/* Neighbours that were not written have not changed. */
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		ASSERT_EQ(0, host_read(self->hva, offsets[i] + 8));
		ASSERT_EQ(0, agent_load(self->vcpu, SHARED_GVA + offsets[i] + 8, 8));
	}
}

/* The guest writes first. */
TEST_F(backing, h06_guest_writes_first)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		agent_store(self->vcpu, SHARED_GVA + offsets[i] + 16, 4, 0x2000 + i);
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		ASSERT_EQ(0x2000 + i, host_read(self->hva, offsets[i] + 16));
		ASSERT_EQ(untouched(variant->backing, self->mem, self->hva, offsets[i]),
			  host_read(self->hva, offsets[i]));
	}
}

/* Both sides in turn, with the page mapped on both. */
TEST_F(backing, in_turn)
{
	u32 i, round;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < ARRAY_SIZE(offsets); i++)
			host_write(self->hva, offsets[i], 0x3000UL * (round + 1) + i);
		for (i = 0; i < ARRAY_SIZE(offsets); i++) {
			ASSERT_EQ(0x3000UL * (round + 1) + i,
				  agent_load(self->vcpu, SHARED_GVA + offsets[i], 8));
			agent_store(self->vcpu, SHARED_GVA + offsets[i], 8,
				    0x5000UL * (round + 1) + i);
		}
		for (i = 0; i < ARRAY_SIZE(offsets); i++)
			ASSERT_EQ(0x5000UL * (round + 1) + i, host_read(self->hva, offsets[i]));
	}
}

/* Copy on write: the host reads, the guest has it mapped, the host writes. */
TEST_F(backing, host_page_changes_place)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		agent_load(self->vcpu, SHARED_GVA + offsets[i], 8);
	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		host_write(self->hva, offsets[i], 0x6000UL + i);
	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		ASSERT_EQ(0x6000UL + i, agent_load(self->vcpu, SHARED_GVA + offsets[i], 8));

	/* The VMM gives pages back; the guest finds what a new one has. */
	TEST_ASSERT(!madvise(self->mem, self->mem_size, MADV_DONTNEED), "madvise");
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		ASSERT_EQ(host_read(self->hva, offsets[i]),
			  agent_load(self->vcpu, SHARED_GVA + offsets[i], 8));
		agent_store(self->vcpu, SHARED_GVA + offsets[i], 8, 0x7000UL + i);
		ASSERT_EQ(0x7000UL + i, host_read(self->hva, offsets[i]));
	}
}

/* Memory the VMM cannot write is not the guest's to write either. */
TEST_F(backing, h06_protection)
{
	TEST_ASSERT(!mprotect(self->mem, self->mem_size, PROT_READ), "mprotect");
	agent_load(self->vcpu, SHARED_GVA, 8);
	agent_set_store(self->vcpu, SHARED_GVA, 8, 1);
	ASSERT_EQ(EFAULT, vcpu_run_errno(self->vcpu));

	/* And when it may, the store is repeated. */
	TEST_ASSERT(!mprotect(self->mem, self->mem_size, PROT_READ | PROT_WRITE), "mprotect");
	ASSERT_TRUE(agent_run(self->vcpu));
	ASSERT_EQ(1, host_read(self->hva, 0));
}

/*
 * Conversion
 */

FIXTURE(convert) {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(convert)
{
	SKIP_WITHOUT_REALMS(return, VM_REALM);
}

FIXTURE_TEARDOWN(convert)
{
	kvm_vm_free(self->vm);
}

#define NR_PAGES	16

static void guest_convert(void)
{
	const gpa_t base = SLOT_GPA;
	u64 page, round;

	for (round = 0; round < 4; round++) {
		/* Every other page becomes private and back, the rest stays. */
		for (page = round & 1; page < NR_PAGES; page += 2) {
			const gpa_t gpa = base + page * SZ_4K;
			u64 *private = (u64 *)(PRIVATE_GVA + page * SZ_4K);

			GUEST_ASSERT_EQ(rsi_set_ripas(gpa, gpa + SZ_4K, RSI_RIPAS_RAM),
					RSI_SUCCESS);
			WRITE_ONCE(*private, 0x5ec0e7 + page);
		}
		for (page = round & 1; page < NR_PAGES; page += 2)
			GUEST_ASSERT_EQ(READ_ONCE(*(u64 *)(PRIVATE_GVA + page * SZ_4K)),
					0x5ec0e7 + page);
		for (page = !(round & 1); page < NR_PAGES; page += 2)
			WRITE_ONCE(*(u64 *)(SHARED_GVA + page * SZ_4K), 0x9ab1ec + page);
		GUEST_SYNC(round);

		for (page = round & 1; page < NR_PAGES; page += 2) {
			const gpa_t gpa = base + page * SZ_4K;

			GUEST_ASSERT_EQ(rsi_set_ripas(gpa, gpa + SZ_4K, RSI_RIPAS_EMPTY),
					RSI_SUCCESS);
		}
	}
	GUEST_DONE();
}

/* KVM_RUN, following what the realm wants. Returns the ucall. */
static u64 run_converting(struct kvm_vcpu *vcpu, struct ucall *uc, u32 *converted)
{
	struct kvm_run *run = vcpu->run;
	int err;

	while ((err = vcpu_run_errno(vcpu)) == EFAULT) {
		bool private;

		TEST_ASSERT_EQ(run->exit_reason, KVM_EXIT_MEMORY_FAULT);
		private = run->memory_fault.flags & KVM_MEMORY_EXIT_FLAG_PRIVATE;
		vm_set_memory_attributes(vcpu->vm, run->memory_fault.gpa,
					 run->memory_fault.size,
					 private ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0);
		(*converted)++;
	}
	TEST_ASSERT(!err, "KVM_RUN: %s", strerror(err));

	if (get_ucall(vcpu, uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(*uc);
	return uc->cmd;
}

TEST_F(convert, page_by_page)
{
	u32 round, page, converted = 0;
	struct kvm_vcpu *vcpu;
	struct ucall uc;
	u8 *hva;

	self->vm = vm_create_kind(VM_REALM, 1, guest_convert, &vcpu);
	if (self->vm->page_size != SZ_4K)
		SKIP(return, "written for pages of 4 KB");

	vm_userspace_mem_region_add(self->vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA, SLOT,
				    NR_PAGES, KVM_MEM_GUEST_MEMFD);
	virt_map_private(self->vm, PRIVATE_GVA, SLOT_GPA, NR_PAGES);
	virt_map_shared(self->vm, SHARED_GVA, SLOT_GPA, NR_PAGES);
	hva = addr_gpa2hva(self->vm, SLOT_GPA);
	vm_launch(self->vm);

	for (round = 0; round < 4; round++) {
		for (page = 0; page < NR_PAGES; page++)
			host_write(hva, page * SZ_4K, 0xffff0000 + page);
		ASSERT_EQ(UCALL_SYNC, run_converting(vcpu, &uc, &converted));
		ASSERT_EQ(round, uc.args[1]);

		/* What is private did not get here, what is shared did. */
		for (page = 0; page < NR_PAGES; page++) {
			ASSERT_EQ((page & 1) == (round & 1) ? 0xffff0000 + page :
							      0x9ab1ec + page,
				  host_read(hva, page * SZ_4K));
		}
	}
	ASSERT_EQ(UCALL_DONE, run_converting(vcpu, &uc, &converted));
	EXPECT_EQ(4 * NR_PAGES, converted);
}

/* The VMM shares a private page although the realm did not ask: its loss. */
static void guest_loses_page(void)
{
	u64 *private = (u64 *)PRIVATE_GVA;

	GUEST_ASSERT_EQ(rsi_set_ripas(SLOT_GPA, SLOT_GPA + SZ_4K, RSI_RIPAS_RAM), RSI_SUCCESS);
	WRITE_ONCE(*private, 0x5ec0e7);
	GUEST_SYNC(0);
	GUEST_FAIL("There still is 0x%lx", READ_ONCE(*private));
}

TEST_F(convert, against_the_realm)
{
	struct kvm_vcpu *vcpu;
	struct kvm_run *run;
	u32 converted = 0;
	struct ucall uc;
	u8 *hva;
	int i;

	self->vm = vm_create_kind(VM_REALM, 1, guest_loses_page, &vcpu);
	run = vcpu->run;
	if (self->vm->page_size != SZ_4K)
		SKIP(return, "written for pages of 4 KB");

	vm_userspace_mem_region_add(self->vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA, SLOT,
				    NR_PAGES, KVM_MEM_GUEST_MEMFD);
	virt_map_private(self->vm, PRIVATE_GVA, SLOT_GPA, NR_PAGES);
	hva = addr_gpa2hva(self->vm, SLOT_GPA);
	vm_launch(self->vm);
	ASSERT_EQ(UCALL_SYNC, run_converting(vcpu, &uc, &converted));

	vm_mem_set_shared(self->vm, SLOT_GPA, SZ_4K);
	EXPECT_EQ(0, host_read(hva, 0));

	/* Shared or private again: the page is gone, and the VMM is told so. */
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(EFAULT, vcpu_run_errno(vcpu));
		ASSERT_EQ(KVM_EXIT_MEMORY_FAULT, run->exit_reason);
		EXPECT_EQ(SLOT_GPA, run->memory_fault.gpa);
		EXPECT_EQ(KVM_MEMORY_EXIT_FLAG_PRIVATE, run->memory_fault.flags);
		if (i == 1)
			vm_mem_set_private(self->vm, SLOT_GPA, SZ_4K);
	}
}

/*
 * A balloon: all pages become private and back, and the half that is of no use
 * goes back to the host each time.
 */
#define NR_BALLOONS	1000
#define NR_WARM_UP	10
#define MEM_NOISE_KB	4096

static void guest_balloon(void)
{
	const gpa_t end = SLOT_GPA + NR_PAGES * SZ_4K;
	u64 round, page;

	for (round = 0; round < NR_BALLOONS; round++) {
		GUEST_ASSERT_EQ(rsi_set_ripas(SLOT_GPA, end, RSI_RIPAS_RAM), RSI_SUCCESS);
		for (page = 0; page < NR_PAGES; page++) {
			u64 *private = (u64 *)(PRIVATE_GVA + page * SZ_4K);

			/* Nothing of the last round is there. */
			GUEST_ASSERT(!round || READ_ONCE(*private) != round);
			WRITE_ONCE(*private, round + 1);
		}
		GUEST_ASSERT_EQ(rsi_set_ripas(SLOT_GPA, end, RSI_RIPAS_EMPTY), RSI_SUCCESS);
		for (page = 0; page < NR_PAGES; page++)
			WRITE_ONCE(*(u64 *)(SHARED_GVA + page * SZ_4K), round);
		GUEST_SYNC(round);
	}
	GUEST_DONE();
}

/* As run_converting(), giving back what the attributes say is not current. */
static u64 run_ballooning(struct kvm_vcpu *vcpu, struct ucall *uc, u32 *converted)
{
	struct userspace_mem_region *region = memslot2region(vcpu->vm, SLOT);
	struct kvm_run *run = vcpu->run;
	int err;

	while ((err = vcpu_run_errno(vcpu)) == EFAULT) {
		u64 gpa = run->memory_fault.gpa, size = run->memory_fault.size;
		bool private = run->memory_fault.flags & KVM_MEMORY_EXIT_FLAG_PRIVATE;

		TEST_ASSERT_EQ(run->exit_reason, KVM_EXIT_MEMORY_FAULT);
		vm_set_memory_attributes(vcpu->vm, gpa, size,
					 private ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0);
		if (private)
			TEST_ASSERT(!madvise(addr_gpa2hva(vcpu->vm, gpa), size, MADV_DONTNEED),
				    "madvise");
		else
			TEST_ASSERT(!fallocate(region->region.guest_memfd,
					       FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
					       gpa - SLOT_GPA, size), "fallocate");
		(*converted)++;
	}
	TEST_ASSERT(!err, "KVM_RUN: %s", strerror(err));

	if (get_ucall(vcpu, uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(*uc);
	return uc->cmd;
}

TEST_F_TIMEOUT(convert, balloon_a_thousand_times, 300)
{
	long granules = -1, mem = 0;
	const char *reason = NULL;
	struct kvm_vcpu *vcpu;
	u32 round, converted = 0;
	struct ucall uc;

	self->vm = vm_create_kind(VM_REALM, 1, guest_balloon, &vcpu);
	if (self->vm->page_size != SZ_4K)
		SKIP(return, "written for pages of 4 KB");

	vm_userspace_mem_region_add(self->vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA, SLOT,
				    NR_PAGES, KVM_MEM_GUEST_MEMFD);
	virt_map_private(self->vm, PRIVATE_GVA, SLOT_GPA, NR_PAGES);
	virt_map_shared(self->vm, SHARED_GVA, SLOT_GPA, NR_PAGES);
	vm_launch(self->vm);

	for (round = 0; round < NR_BALLOONS; round++) {
		if (round == NR_WARM_UP) {
			granules = rmm_delegated_granules(&reason);
			mem = mem_free_kb();
		}
		ASSERT_EQ(UCALL_SYNC, run_ballooning(vcpu, &uc, &converted));
		ASSERT_EQ(round, uc.args[1]);
	}
	ASSERT_EQ(UCALL_DONE, run_ballooning(vcpu, &uc, &converted));
	/* At least one each way, and never more than one a page. */
	EXPECT_GE(converted, 2 * NR_BALLOONS);
	EXPECT_LE(converted, 2 * NR_BALLOONS * NR_PAGES);

	EXPECT_LT(mem - MEM_NOISE_KB, mem_free_kb());
	if (granules < 0)
		SKIP(return, "delegated granules not checked: %s", reason);
	EXPECT_EQ(granules, rmm_delegated_granules(&reason));
}

int main(int argc, char *argv[])
{
	return realm_harness_run(argc, argv);
}
