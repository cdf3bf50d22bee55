// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_block_mappings - Memory of a realm that is mapped by blocks of 2 MB
 *
 * Whether it is makes no difference to the realm: what it wrote is what it
 * reads, also when a part of a block is taken away and the rest has to become
 * pages. KVM's statistics tell the VMM how many blocks there are.
 */
#include <linux/bitfield.h>
#include <linux/falloc.h>
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
#define PRIVATE_GVA	0x50000000UL
#define SHARED_GVA	0x60000000UL

#define BLOCK_SIZE	SZ_2M
#define NR_BLOCKS	3
#define SLOT_SIZE	(NR_BLOCKS * BLOCK_SIZE)
#define NR_VCPUS	2

/*
 * What a vCPU is told to do, in shared memory. Offsets are those into the slot.
 */
enum op {
	OP_RAM,		/* make the range private */
	OP_RAM_AGAIN,	/* also where it was and the host took it away */
	OP_EMPTY,	/* make it shared */
	OP_FILL,	/* write all of it */
	OP_CHECK,	/* it is as OP_FILL with the same seed left it */
	OP_CHECK_ZERO,	/* it is as memory that the realm is given */
};

struct work {
	u64 op;
	u64 gva;
	u64 offset;
	u64 size;
	u64 seed;
};

static struct work *guest_work;

static u64 pattern(u64 offset, u64 seed)
{
	return (offset + 1) * 0x9e3779b97f4a7c15UL ^ seed;
}

static void guest_set_ripas(const struct work *work, u64 ripas, u64 flags)
{
	gpa_t base = SLOT_GPA + work->offset, top = base + work->size;
	u64 response;

	while (base < top) {
		GUEST_ASSERT_EQ(rsi_ipa_state_set(base, top, ripas, flags, &base, &response),
				RSI_SUCCESS);
		GUEST_ASSERT_EQ(response, (u64)RSI_RESPONSE_ACCEPT);
	}
}

static void guest_do(const struct work *work)
{
	u64 offset;

	switch (work->op) {
	case OP_RAM:
		guest_set_ripas(work, RSI_RIPAS_RAM, 0);
		return;
	case OP_RAM_AGAIN:
		guest_set_ripas(work, RSI_RIPAS_RAM,
				FIELD_PREP(RSI_RIPAS_CHANGE_FLAGS_DESTROYED,
					   RSI_CHANGE_DESTROYED));
		return;
	case OP_EMPTY:
		guest_set_ripas(work, RSI_RIPAS_EMPTY, 0);
		return;
	}

	for (offset = work->offset; offset < work->offset + work->size; offset += sizeof(u64)) {
		u64 *word = (u64 *)(work->gva + offset);

		if (work->op == OP_FILL)
			WRITE_ONCE(*word, pattern(offset, work->seed));
		else if (work->op == OP_CHECK)
			GUEST_ASSERT_EQ(READ_ONCE(*word), pattern(offset, work->seed));
		else
			GUEST_ASSERT_EQ(READ_ONCE(*word), 0UL);
	}
}

static void guest_code(void)
{
	struct work *work = &guest_work[guest_get_vcpuid()];

	for (;;) {
		guest_do(work);
		GUEST_SYNC(work->op);
	}
}

/* A realm with a slot of private memory, and shared memory at @hva behind it. */
struct block_vm {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpus[NR_VCPUS];
	struct work *work;
	int memfd;
	u8 *hva;
};

/* The number of blocks of memory that the host has free in one piece. */
static unsigned long host_free_blocks(void)
{
	const int order = __builtin_ctzl(BLOCK_SIZE / getpagesize());
	unsigned long blocks = 0;
	char *line = NULL;
	size_t size = 0;
	FILE *file;

	file = fopen("/proc/buddyinfo", "r");
	if (!file)
		return 0;

	while (getline(&line, &size, file) > 0) {
		char *column = strtok(line, " \t\n");
		int i = 0;

		/* "Node", its number, "zone", its name, a number for each order */
		for (; column; column = strtok(NULL, " \t\n"), i++) {
			if (i >= 4 + order)
				blocks += strtoul(column, NULL, 10) << (i - 4 - order);
		}
	}
	free(line);
	fclose(file);
	return blocks;
}

/* Pages of an aligned range that nobody used yet are contiguous if there are such. */
static void allocate(int memfd, off_t offset, off_t size)
{
	TEST_ASSERT(!fallocate(memfd, FALLOC_FL_KEEP_SIZE, offset, size),
		    __KVM_SYSCALL_ERROR("fallocate", -1));
}

static void punch_hole(int memfd, off_t offset, off_t size)
{
	TEST_ASSERT(!fallocate(memfd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, size),
		    __KVM_SYSCALL_ERROR("fallocate", -1));
}

static void create(struct block_vm *b)
{
	struct kvm_vm *vm = vm_create_kind(VM_REALM, NR_VCPUS, guest_code, b->vcpus);
	const size_t work_size = NR_VCPUS * sizeof(struct work);
	gva_t gva;

	gva = vm_alloc_shared(vm, work_size, KVM_UTIL_MIN_VADDR, MEM_REGION_TEST_DATA);
	write_guest_global(vm, guest_work, (struct work *)gva);
	b->work = addr_gva2hva(vm, gva);
	b->vm = vm;

	virt_map_private(vm, PRIVATE_GVA, SLOT_GPA, SLOT_SIZE / vm->page_size);
	virt_map_shared(vm, SHARED_GVA, SLOT_GPA, SLOT_SIZE / vm->page_size);

	b->memfd = vm_create_guest_memfd(vm, SLOT_SIZE + BLOCK_SIZE, 0);
	b->hva = kvm_mmap(SLOT_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	madvise(b->hva, SLOT_SIZE, MADV_NOHUGEPAGE);
}

static void add_slot(struct block_vm *b, off_t offset, u64 size)
{
	vm_set_user_memory_region2(b->vm, SLOT, KVM_MEM_GUEST_MEMFD, SLOT_GPA, size,
				   b->hva, b->memfd, offset);
}

static void destroy(struct block_vm *b)
{
	kvm_vm_free(b->vm);
	munmap(b->hva, SLOT_SIZE);
	close(b->memfd);
}

static u64 nr_blocks(struct block_vm *b)
{
	return vm_get_stat(b->vm, realm_private_blocks);
}

/* Do as the realm wishes; memory that becomes shared is given back. */
static void convert(struct block_vm *b, const struct kvm_run *run)
{
	const bool private = run->memory_fault.flags & KVM_MEMORY_EXIT_FLAG_PRIVATE;

	TEST_ASSERT_EQ(run->exit_reason, KVM_EXIT_MEMORY_FAULT);
	vm_set_memory_attributes(b->vm, run->memory_fault.gpa, run->memory_fault.size,
				 private ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0);
	if (!private)
		punch_hole(b->memfd, run->memory_fault.gpa - SLOT_GPA,
			   run->memory_fault.size);
}

/* Have a vCPU work. Returns 0, or EFAULT if it got nowhere. */
static int try_work(struct block_vm *b, int cpu, const struct work *work)
{
	const bool converts = work->op == OP_RAM || work->op == OP_RAM_AGAIN ||
			      work->op == OP_EMPTY;
	struct kvm_vcpu *vcpu = b->vcpus[cpu];
	struct ucall uc;
	int err;

	b->work[cpu] = *work;
	while ((err = vcpu_run_errno(vcpu)) == EFAULT && converts)
		convert(b, vcpu->run);
	if (err)
		return err;

	if (get_ucall(vcpu, &uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(uc);
	TEST_ASSERT_EQ(uc.cmd, (u64)UCALL_SYNC);
	return 0;
}

static void do_work(struct block_vm *b, enum op op, u64 offset, u64 size, u64 seed)
{
	const struct work work = {
		.op = op,
		.gva = PRIVATE_GVA,
		.offset = offset,
		.size = size,
		.seed = seed,
	};
	int err = try_work(b, 0, &work);

	TEST_ASSERT(!err, "KVM_RUN: %s", strerror(err));
}

/* All of the slot is private, allocated and written. */
static void fill_slot(struct block_vm *b, u64 seed)
{
	allocate(b->memfd, 0, SLOT_SIZE + BLOCK_SIZE);
	do_work(b, OP_RAM, 0, SLOT_SIZE, 0);
	do_work(b, OP_FILL, 0, SLOT_SIZE, seed);
}

FIXTURE(blocks) {
	struct block_vm b;
};

FIXTURE_SETUP(blocks)
{
	SKIP_WITHOUT_REALMS(return, VM_REALM);
	if (host_free_blocks() < 2 * (NR_BLOCKS + 1))
		SKIP(return, "memory of the host is fragmented");
	create(&self->b);
}

FIXTURE_TEARDOWN(blocks)
{
	destroy(&self->b);
}

/* Blocks come when the realm first uses them, whole, and no sooner. */
TEST_F(blocks, faults)
{
	int i;

	add_slot(&self->b, 0, SLOT_SIZE);
	vm_launch(self->b.vm);
	ASSERT_EQ(0, nr_blocks(&self->b));

	allocate(self->b.memfd, 0, SLOT_SIZE);
	do_work(&self->b, OP_RAM, 0, SLOT_SIZE, 0);
	ASSERT_EQ(0, nr_blocks(&self->b));

	for (i = 0; i < NR_BLOCKS; i++) {
		do_work(&self->b, OP_CHECK_ZERO, i * BLOCK_SIZE + SZ_1M, sizeof(u64), 0);
		EXPECT_EQ(i + 1, nr_blocks(&self->b));
	}
	do_work(&self->b, OP_CHECK_ZERO, 0, SLOT_SIZE, 0);
	do_work(&self->b, OP_FILL, 0, SLOT_SIZE, 1);
	do_work(&self->b, OP_CHECK, 0, SLOT_SIZE, 1);
	EXPECT_EQ(NR_BLOCKS, nr_blocks(&self->b));
}

/* Where something stands in the way of a block there are pages. */
TEST_F(blocks, not_aligned_in_guest_memfd)
{
	add_slot(&self->b, self->b.vm->page_size, SLOT_SIZE);
	vm_launch(self->b.vm);
	fill_slot(&self->b, 1);
	do_work(&self->b, OP_CHECK, 0, SLOT_SIZE, 1);
	EXPECT_EQ(0, nr_blocks(&self->b));
}

/* The memory is one piece, but two slots meet in the middle of a block. */
TEST_F(blocks, not_all_in_the_slot)
{
	const u64 split = BLOCK_SIZE + SZ_1M;

	add_slot(&self->b, 0, split);
	vm_set_user_memory_region2(self->b.vm, SLOT + 1, KVM_MEM_GUEST_MEMFD, SLOT_GPA + split,
				   SLOT_SIZE - split, self->b.hva + split, self->b.memfd, split);
	vm_launch(self->b.vm);
	fill_slot(&self->b, 1);
	do_work(&self->b, OP_CHECK, 0, SLOT_SIZE, 1);
	EXPECT_EQ(NR_BLOCKS - 1, nr_blocks(&self->b));
}

TEST_F(blocks, not_all_private)
{
	const u64 page = self->b.vm->page_size, shared = BLOCK_SIZE + SZ_1M;

	add_slot(&self->b, 0, SLOT_SIZE);
	vm_launch(self->b.vm);
	allocate(self->b.memfd, 0, SLOT_SIZE);
	do_work(&self->b, OP_RAM, 0, shared, 0);
	do_work(&self->b, OP_RAM, shared + page, SLOT_SIZE - shared - page, 0);
	do_work(&self->b, OP_FILL, 0, shared, 1);
	do_work(&self->b, OP_FILL, shared + page, SLOT_SIZE - shared - page, 1);
	do_work(&self->b, OP_CHECK, 0, shared, 1);
	do_work(&self->b, OP_CHECK, shared + page, SLOT_SIZE - shared - page, 1);
	EXPECT_EQ(NR_BLOCKS - 1, nr_blocks(&self->b));
}

/* guest_memfd has the pages, but one came later than the others. */
TEST_F(blocks, not_contiguous)
{
	const u64 page = self->b.vm->page_size;

	add_slot(&self->b, 0, SLOT_SIZE);
	vm_launch(self->b.vm);
	allocate(self->b.memfd, 0, SLOT_SIZE);
	/* Two, lest the page that was freed is the next to be allocated. */
	punch_hole(self->b.memfd, SZ_1M, page);
	punch_hole(self->b.memfd, BLOCK_SIZE + SZ_1M, page);
	allocate(self->b.memfd, SZ_1M, page);
	allocate(self->b.memfd, BLOCK_SIZE + SZ_1M, page);

	do_work(&self->b, OP_RAM, 0, SLOT_SIZE, 0);
	do_work(&self->b, OP_FILL, 0, SLOT_SIZE, 1);
	do_work(&self->b, OP_CHECK, 0, SLOT_SIZE, 1);
	EXPECT_GE(NR_BLOCKS, nr_blocks(&self->b));
	EXPECT_LE(1, nr_blocks(&self->b));
}

/* A page in the middle of a block becomes shared, and private again. */
TEST_F(blocks, convert_page)
{
	const u64 page = self->b.vm->page_size, offset = BLOCK_SIZE + SZ_1M;
	struct work work = {
		.op = OP_FILL,
		.gva = SHARED_GVA,
		.offset = offset,
		.size = page,
		.seed = 2,
	};
	int round;

	add_slot(&self->b, 0, SLOT_SIZE);
	vm_launch(self->b.vm);
	fill_slot(&self->b, 1);
	ASSERT_EQ(NR_BLOCKS, nr_blocks(&self->b));

	for (round = 0; round < 3; round++) {
		do_work(&self->b, OP_EMPTY, offset, page, 0);
		EXPECT_EQ(NR_BLOCKS - 1, nr_blocks(&self->b));
		ASSERT_EQ(0, try_work(&self->b, 0, &work));
		EXPECT_EQ(pattern(offset, 2), READ_ONCE(*(u64 *)(self->b.hva + offset)));

		do_work(&self->b, OP_CHECK, 0, offset, 1);
		do_work(&self->b, OP_CHECK, offset + page, SLOT_SIZE - offset - page, 1);

		do_work(&self->b, OP_RAM, offset, page, 0);
		do_work(&self->b, OP_CHECK_ZERO, offset, page, 0);
		do_work(&self->b, OP_FILL, offset, page, 1);
		do_work(&self->b, OP_CHECK, 0, SLOT_SIZE, 1);
	}
	EXPECT_EQ(NR_BLOCKS - 1, nr_blocks(&self->b));
}

/* What the VMM takes, asked or not, and how many blocks are left. */
static const struct hole {
	const char *name;
	u64 offset;
	u64 size;
	u64 blocks;
} holes[] = {
	{ "first page",		0,			SZ_64K,			NR_BLOCKS - 1 },
	{ "middle",		SZ_1M,			SZ_64K,			NR_BLOCKS - 1 },
	{ "last page",		BLOCK_SIZE - SZ_64K,	SZ_64K,			NR_BLOCKS - 1 },
	{ "across two",		BLOCK_SIZE - SZ_64K,	SZ_128K,		NR_BLOCKS - 2 },
	{ "a block",		BLOCK_SIZE,		BLOCK_SIZE,		NR_BLOCKS - 1 },
	{ "more than a block",	BLOCK_SIZE - SZ_64K,	BLOCK_SIZE + SZ_128K,	0 },
	{ "all",		0,			SLOT_SIZE,		0 },
};

static void check_around(struct block_vm *b, const struct hole *hole, u64 seed)
{
	const u64 end = hole->offset + hole->size;

	if (hole->offset)
		do_work(b, OP_CHECK, 0, hole->offset, seed);
	if (end < SLOT_SIZE)
		do_work(b, OP_CHECK, end, SLOT_SIZE - end, seed);
}

TEST_F(blocks, punch_hole)
{
	const struct hole *hole;

	add_slot(&self->b, 0, SLOT_SIZE);
	vm_launch(self->b.vm);

	for (hole = holes; hole < holes + ARRAY_SIZE(holes); hole++) {
		const struct work work = {
			.op = OP_CHECK_ZERO,
			.gva = PRIVATE_GVA,
			.offset = hole->offset,
			.size = sizeof(u64),
		};
		const struct work again = {
			.op = OP_RAM_AGAIN,
			.offset = hole->offset,
			.size = hole->size,
		};
		const struct kvm_run *run = self->b.vcpus[0]->run;

		/* From the second time on there were pages before. */
		do_work(&self->b, OP_RAM, 0, SLOT_SIZE, 0);
		do_work(&self->b, OP_EMPTY, 0, SLOT_SIZE, 0);
		ASSERT_EQ(0, nr_blocks(&self->b));
		fill_slot(&self->b, 3);
		ASSERT_EQ(NR_BLOCKS, nr_blocks(&self->b)) {
			TH_LOG("before hole: %s", hole->name);
		}

		punch_hole(self->b.memfd, hole->offset, hole->size);
		EXPECT_EQ(hole->blocks, nr_blocks(&self->b)) {
			TH_LOG("hole: %s", hole->name);
		}
		check_around(&self->b, hole, 3);

		/* The realm did not agree: it does not get another page there. */
		EXPECT_EQ(EFAULT, try_work(&self->b, 0, &work));
		EXPECT_EQ(KVM_EXIT_MEMORY_FAULT, run->exit_reason);
		EXPECT_EQ(SLOT_GPA + hole->offset, run->memory_fault.gpa);

		/* Unless it asks for it. The access is repeated. */
		ASSERT_EQ(0, try_work(&self->b, 1, &again));
		ASSERT_EQ(0, try_work(&self->b, 0, &work));
		check_around(&self->b, hole, 3);
	}
}

/* The realm gives up a part of its memory which the VMM leaves as it is. */
TEST_F(blocks, ripas)
{
	const u64 page = self->b.vm->page_size;

	add_slot(&self->b, 0, SLOT_SIZE);
	vm_launch(self->b.vm);
	fill_slot(&self->b, 4);
	ASSERT_EQ(NR_BLOCKS, nr_blocks(&self->b));

	/* One page, then one and a half blocks */
	do_work(&self->b, OP_EMPTY, SZ_1M, page, 0);
	EXPECT_EQ(NR_BLOCKS - 1, nr_blocks(&self->b));
	do_work(&self->b, OP_EMPTY, BLOCK_SIZE + SZ_1M, BLOCK_SIZE + SZ_1M, 0);
	EXPECT_EQ(0, nr_blocks(&self->b));

	do_work(&self->b, OP_CHECK, 0, SZ_1M, 4);
	do_work(&self->b, OP_CHECK, SZ_1M + page, BLOCK_SIZE - page, 4);
}

/* Contents from before the launch become blocks as well, once complete. */
TEST_F(blocks, populate)
{
	const u64 page = self->b.vm->page_size;
	u64 offset;

	for (offset = 0; offset < SLOT_SIZE; offset += sizeof(u64))
		*(u64 *)(self->b.hva + offset) = pattern(offset, 5);

	add_slot(&self->b, 0, SLOT_SIZE);
	allocate(self->b.memfd, 0, SLOT_SIZE);
	vm_launch(self->b.vm);
	vm_set_memory_attributes(self->b.vm, SLOT_GPA, SLOT_SIZE, KVM_MEMORY_ATTRIBUTE_PRIVATE);

	vm_realm_populate(self->b.vm, SLOT_GPA, BLOCK_SIZE - page, self->b.hva, 0);
	EXPECT_EQ(0, nr_blocks(&self->b));
	vm_realm_populate(self->b.vm, SLOT_GPA + BLOCK_SIZE - page, BLOCK_SIZE + page,
			  self->b.hva + BLOCK_SIZE - page, 0);
	EXPECT_EQ(2, nr_blocks(&self->b));

	/* Before the first run, too, a part can be taken away. */
	vm_set_memory_attributes(self->b.vm, SLOT_GPA + SZ_1M, page, 0);
	punch_hole(self->b.memfd, SZ_1M, page);
	EXPECT_EQ(1, nr_blocks(&self->b));

	do_work(&self->b, OP_CHECK, 0, SZ_1M, 5);
	do_work(&self->b, OP_CHECK, SZ_1M + page, 2 * BLOCK_SIZE - SZ_1M - page, 5);
	EXPECT_EQ(1, nr_blocks(&self->b));
}

TEST_F(blocks, delete_slot)
{
	add_slot(&self->b, 0, SLOT_SIZE);
	vm_launch(self->b.vm);
	fill_slot(&self->b, 6);
	ASSERT_EQ(NR_BLOCKS, nr_blocks(&self->b));
	add_slot(&self->b, 0, 0);
	EXPECT_EQ(0, nr_blocks(&self->b));
}

struct runner {
	struct block_vm *vm;
	int cpu;
	struct work work;
	int err;
};

static void *run_work(void *data)
{
	struct runner *runner = data;

	runner->err = try_work(runner->vm, runner->cpu, &runner->work);
	return NULL;
}

/* Two vCPUs in the same blocks at the same time, and a third thread that punches. */
TEST_F(blocks, concurrent)
{
	const u64 page = self->b.vm->page_size;
	struct runner runners[NR_VCPUS];
	pthread_t threads[NR_VCPUS];
	int round, i;

	add_slot(&self->b, 0, SLOT_SIZE);
	vm_launch(self->b.vm);

	for (round = 0; round < 10; round++) {
		do_work(&self->b, OP_RAM, 0, SLOT_SIZE, 0);
		allocate(self->b.memfd, 0, SLOT_SIZE);

		for (i = 0; i < NR_VCPUS; i++) {
			runners[i] = (struct runner) {
				.vm = &self->b,
				.cpu = i,
				.work = {
					.op = OP_FILL,
					.gva = PRIVATE_GVA,
					.size = SLOT_SIZE - BLOCK_SIZE,
					.seed = round,
				},
			};
			pthread_create(&threads[i], NULL, run_work, &runners[i]);
		}
		for (i = 0; i < 20; i++) {
			punch_hole(self->b.memfd, SLOT_SIZE - BLOCK_SIZE + i * page, page);
			allocate(self->b.memfd, SLOT_SIZE - BLOCK_SIZE + i * page, page);
		}
		for (i = 0; i < NR_VCPUS; i++) {
			pthread_join(threads[i], NULL);
			ASSERT_EQ(0, runners[i].err);
		}

		EXPECT_EQ(NR_BLOCKS - 1, nr_blocks(&self->b));
		do_work(&self->b, OP_CHECK, 0, SLOT_SIZE - BLOCK_SIZE, round);
		do_work(&self->b, OP_EMPTY, 0, SLOT_SIZE, 0);
		ASSERT_EQ(0, nr_blocks(&self->b));
	}
}

/* The number of granules the host has delegated, or lost; -1 if it does not say. */
static long host_granules(const char *which)
{
	char path[64];
	long value;
	FILE *file;
	int ret;

	snprintf(path, sizeof(path), "/sys/kernel/debug/rmi/%s_granules", which);
	file = fopen(path, "r");
	if (!file)
		return -1;
	ret = fscanf(file, "%ld", &value);
	fclose(file);
	TEST_ASSERT(ret == 1, "%s", path);
	return value;
}

static void use_and_destroy(struct block_vm *b)
{
	create(b);
	add_slot(b, 0, SLOT_SIZE);
	vm_launch(b->vm);
	fill_slot(b, 7);
	do_work(b, OP_EMPTY, SZ_1M, b->vm->page_size, 0);
	punch_hole(b->memfd, BLOCK_SIZE - SZ_64K, SZ_128K);
	destroy(b);
}

/* All of it comes back: memory, tables, and what was kept to split blocks. */
TEST(no_leak)
{
	long delegated, leaked, held;
	struct block_vm vm;
	const char *reason;
	int i;

	SKIP_WITHOUT_REALMS(return, VM_REALM);

	use_and_destroy(&vm);
	delegated = host_granules("delegated");
	leaked = host_granules("leaked");
	held = rmm_delegated_granules(&reason);
	if (delegated < 0 && held < 0)
		SKIP(return, "no debugfs, and %s", reason);

	for (i = 0; i < 3; i++)
		use_and_destroy(&vm);
	EXPECT_EQ(delegated, host_granules("delegated"));
	EXPECT_EQ(leaked, host_granules("leaked"));
	EXPECT_EQ(held, rmm_delegated_granules(&reason));
}

/*
 * An RMM that refuses
 */

/* Refused while the realm takes its memory into use, and the blocks there are then. */
static const struct fill_fault {
	const char *name;
	struct rmm_fault fault;
	u64 blocks;
} fill_faults[] = {
	{ "no table to be kept",
	  { SMC_RMI_GRANULE_RANGE_DELEGATE, 0, 1, RMI_ERROR_INPUT }, NR_BLOCKS - 1 },
	{ "memory not delegated",
	  { SMC_RMI_GRANULE_RANGE_DELEGATE, 1, 1, RMI_ERROR_INPUT }, NR_BLOCKS - 1 },
	{ "block not mapped",
	  { SMC_RMI_RTT_DATA_MAP, 0, 1, RMI_ERROR_INPUT }, NR_BLOCKS - 1 },
	{ "second block not mapped",
	  { SMC_RMI_RTT_DATA_MAP, 1, 1, RMI_ERROR_INPUT }, NR_BLOCKS - 1 },
	{ "busy",
	  { SMC_RMI_RTT_DATA_MAP, 0, 3, RMI_BUSY }, NR_BLOCKS },
	{ "in two steps",
	  { SMC_RMI_RTT_DATA_MAP, 0, 1, RMI_INCOMPLETE }, NR_BLOCKS },
};

TEST_F(blocks, refused)
{
	const struct fill_fault *fault;
	const char *reason;

	if (!rmm_has_test_control(&reason))
		SKIP(return, "%s", reason);

	add_slot(&self->b, 0, SLOT_SIZE);
	vm_launch(self->b.vm);

	for (fault = fill_faults; fault < fill_faults + ARRAY_SIZE(fill_faults); fault++) {
		allocate(self->b.memfd, 0, SLOT_SIZE);
		do_work(&self->b, OP_RAM, 0, SLOT_SIZE, 0);

		rmm_inject(0, &fault->fault);
		do_work(&self->b, OP_FILL, 0, SLOT_SIZE, 8);
		EXPECT_EQ(fault->fault.repeat, rmm_injected(0)) {
			TH_LOG("%s", fault->name);
		}
		rmm_inject_nothing();

		EXPECT_EQ(fault->blocks, nr_blocks(&self->b)) {
			TH_LOG("%s", fault->name);
		}
		do_work(&self->b, OP_CHECK, 0, SLOT_SIZE, 8);
		do_work(&self->b, OP_EMPTY, 0, SLOT_SIZE, 0);
		EXPECT_EQ(0, nr_blocks(&self->b));
	}
}

/* What was populated stays as it is when it cannot be made a block. */
TEST_F(blocks, fold_refused)
{
	const struct rmm_fault fault = { SMC_RMI_RTT_FOLD, 1, 1, RMI_ERROR_INPUT };
	const char *reason;
	u64 offset;

	if (!rmm_has_test_control(&reason))
		SKIP(return, "%s", reason);

	for (offset = 0; offset < SLOT_SIZE; offset += sizeof(u64))
		*(u64 *)(self->b.hva + offset) = pattern(offset, 5);
	add_slot(&self->b, 0, SLOT_SIZE);
	allocate(self->b.memfd, 0, SLOT_SIZE);
	vm_launch(self->b.vm);
	vm_set_memory_attributes(self->b.vm, SLOT_GPA, SLOT_SIZE, KVM_MEMORY_ATTRIBUTE_PRIVATE);

	rmm_inject(0, &fault);
	vm_realm_populate(self->b.vm, SLOT_GPA, SLOT_SIZE, self->b.hva, 0);
	EXPECT_EQ(1, rmm_injected(0));
	rmm_inject_nothing();
	EXPECT_EQ(NR_BLOCKS - 1, nr_blocks(&self->b));
	do_work(&self->b, OP_CHECK, 0, SLOT_SIZE, 5);
}

/* A block is split in the end; or the VM ends, since the page must not be used. */
TEST_F(blocks, split_refused)
{
	struct rmm_fault fault = { SMC_RMI_RTT_CREATE, 0, 1, RMI_INCOMPLETE };
	const struct work work = { .op = OP_CHECK, .gva = PRIVATE_GVA, .size = SZ_1M, .seed = 9 };
	const u64 page = self->b.vm->page_size;
	long held, leaked = host_granules("leaked");
	const char *reason;

	if (!rmm_has_test_control(&reason))
		SKIP(return, "%s", reason);

	add_slot(&self->b, 0, SLOT_SIZE);
	vm_launch(self->b.vm);
	fill_slot(&self->b, 9);
	ASSERT_EQ(NR_BLOCKS, nr_blocks(&self->b));

	rmm_inject(0, &fault);
	punch_hole(self->b.memfd, SZ_1M, page);
	EXPECT_EQ(1, rmm_injected(0));
	EXPECT_EQ(NR_BLOCKS - 1, nr_blocks(&self->b));
	do_work(&self->b, OP_CHECK, 0, SZ_1M, 9);
	do_work(&self->b, OP_CHECK, SZ_1M + page, SLOT_SIZE - SZ_1M - page, 9);

	held = rmm_delegated_granules(&reason);
	fault.response = RMI_ERROR_INPUT;
	rmm_inject(0, &fault);
	punch_hole(self->b.memfd, BLOCK_SIZE + SZ_1M, page);
	EXPECT_EQ(1, rmm_injected(0));
	rmm_inject_nothing();
	EXPECT_EQ(NR_BLOCKS - 2, nr_blocks(&self->b));
	EXPECT_EQ(held - (long)(BLOCK_SIZE / SZ_4K), rmm_delegated_granules(&reason));
	EXPECT_EQ(leaked, host_granules("leaked"));
	EXPECT_EQ(EIO, try_work(&self->b, 0, &work));
}

/*
 * Shared memory: where it is huge for the VMM
 */

FIXTURE(shared) {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpu;
	void *map;
	u8 *hva;
};

FIXTURE_VARIANT(shared) {
	int advice;
	u64 offset;
	u64 blocks;
};

FIXTURE_VARIANT_ADD(shared, huge) {
	.advice = MADV_HUGEPAGE,
	.blocks = NR_BLOCKS,
};

FIXTURE_VARIANT_ADD(shared, huge_misaligned) {
	.advice = MADV_HUGEPAGE,
	.offset = SZ_64K,
};

FIXTURE_VARIANT_ADD(shared, pages) {
	.advice = MADV_NOHUGEPAGE,
};

FIXTURE_SETUP(shared)
{
	SKIP_WITHOUT_REALMS(return, VM_REALM);
	if (!thp_configured())
		SKIP(return, "no transparent huge pages");
	if (get_trans_hugepagesz() != BLOCK_SIZE)
		SKIP(return, "huge pages have another size");

	self->vm = vm_create_agents(VM_REALM, 1, &self->vcpu);
	self->map = kvm_mmap(SLOT_SIZE + 2 * BLOCK_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1);
	madvise(self->map, SLOT_SIZE + 2 * BLOCK_SIZE, variant->advice);
	self->hva = align_ptr_up(self->map, BLOCK_SIZE) + variant->offset;
	vm_set_user_memory_region(self->vm, SLOT, 0, SLOT_GPA, SLOT_SIZE, self->hva);
	virt_map_shared(self->vm, SHARED_GVA, SLOT_GPA, SLOT_SIZE / self->vm->page_size);
	vm_launch(self->vm);
}

FIXTURE_TEARDOWN(shared)
{
	kvm_vm_free(self->vm);
	munmap(self->map, SLOT_SIZE + 2 * BLOCK_SIZE);
}

TEST_F(shared, blocks)
{
	u64 offset;

	memset(self->map, 1, SLOT_SIZE + 2 * BLOCK_SIZE);
	for (offset = SZ_64K; offset < SLOT_SIZE; offset += SZ_512K)
		agent_store(self->vcpu, SHARED_GVA + offset, 8, offset);
	EXPECT_EQ(variant->blocks, vm_get_stat(self->vm, realm_shared_blocks));
	EXPECT_EQ(0, vm_get_stat(self->vm, realm_private_blocks));
	for (offset = SZ_64K; offset < SLOT_SIZE; offset += SZ_512K)
		ASSERT_EQ(offset, READ_ONCE(*(u64 *)(self->hva + offset)));

	/* What the host splits is not a block for the realm any more. */
	madvise(self->hva + BLOCK_SIZE + SZ_1M, SZ_64K, MADV_DONTNEED);
	EXPECT_EQ(variant->blocks ? variant->blocks - 1 : 0,
		  vm_get_stat(self->vm, realm_shared_blocks));
	ASSERT_EQ(0, agent_load(self->vcpu, SHARED_GVA + BLOCK_SIZE + SZ_1M, 8));
	ASSERT_EQ(BLOCK_SIZE + SZ_64K,
		  agent_load(self->vcpu, SHARED_GVA + BLOCK_SIZE + SZ_64K, 8));

	madvise(self->map, SLOT_SIZE + 2 * BLOCK_SIZE, MADV_DONTNEED);
	EXPECT_EQ(0, vm_get_stat(self->vm, realm_shared_blocks));
}

int main(int argc, char *argv[])
{
	return realm_harness_run(argc, argv);
}
