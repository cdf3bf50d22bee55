// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_unmap - How much is unmapped with the lock of the MMU held
 *
 * Conversion, hole punching, the removal of a memslot and the end of a realm
 * unmap any amount of memory. KVM promises in Documentation/virt/kvm/arm/realm.rst
 * that what it does before it may reschedule is bounded by constants, which are
 * the same for all sizes. The tracepoint kvm_realm_unmap tells.
 */
#include <linux/falloc.h>
#include <linux/sizes.h>

#include <fcntl.h>
#include <sys/mman.h>

#include "kvm_test_harness.h"
#include "processor.h"
#include "realm.h"
#include "test_util.h"

#define SLOT		10
#define SLOT_GPA	0x40000000UL
#define PRIVATE_GVA	SLOT_GPA
#define BLOCK_SIZE	SZ_2M

/* What realm.rst states */
#define MAX_CALLS	8
#define MAX_GRANULES	512

#define TRACING		"/sys/kernel/tracing/"
#define EVENT		"events/kvm/kvm_realm_unmap/enable"

static const u64 sizes_mb[] = { 64, 256, 512 };

/* A realm with a slot of private memory, all of it mapped. */
struct unmap_vm {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpu;
	void *hva;
	u64 size;
	int memfd;
};

FIXTURE(unmap) {
	struct unmap_vm u;
};

enum way {
	CONVERT,
	PUNCH,
	DELETE,
	END,
};

FIXTURE_VARIANT(unmap) {
	enum way way;
	bool pages;
};

#define ADD_WAY(_name, _way)						\
FIXTURE_VARIANT_ADD(unmap, _name##_blocks) {				\
	.way = _way,							\
};									\
									\
FIXTURE_VARIANT_ADD(unmap, _name##_pages) {				\
	.way = _way,							\
	.pages = true,							\
}

ADD_WAY(convert, CONVERT);
ADD_WAY(punch, PUNCH);
ADD_WAY(delete, DELETE);
ADD_WAY(end, END);

FIXTURE_SETUP(unmap)
{
	SKIP_WITHOUT_REALMS(return, VM_REALM);
}

FIXTURE_TEARDOWN(unmap)
{
}

static bool write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_TRUNC);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok;
}

struct maxima {
	u64 events;
	u64 calls;
	u64 granules;
	u64 all_granules;
};

static struct maxima read_trace(void)
{
	struct maxima max = {};
	char line[512];
	FILE *f;

	f = fopen(TRACING "trace", "r");
	TEST_ASSERT(f, "No trace");
	while (fgets(line, sizeof(line), f)) {
		const char *event = strstr(line, "kvm_realm_unmap: ");
		unsigned int calls, granules;

		if (!event)
			continue;
		TEST_ASSERT(sscanf(event, "kvm_realm_unmap: calls: %u granules: %u",
				   &calls, &granules) == 2, "%s", line);
		max.events++;
		max.calls = max_t(u64, max.calls, calls);
		max.granules = max_t(u64, max.granules, granules);
		max.all_granules += granules;
	}
	fclose(f);
	return max;
}

/* Touch memory, a word in each block. */
static void guest_code(u64 size)
{
	u64 offset;

	for (offset = 0; offset < size; offset += BLOCK_SIZE)
		WRITE_ONCE(*(u64 *)(PRIVATE_GVA + offset), offset);
	GUEST_DONE();
}

static void punch_hole(int memfd, off_t offset, off_t size)
{
	TEST_ASSERT(!fallocate(memfd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, size),
		    __KVM_SYSCALL_ERROR("fallocate", -1));
}

static u64 nr_blocks(struct kvm_vm *vm)
{
	return vm_get_stat(vm, realm_private_blocks);
}

static void create(struct unmap_vm *u, u64 size)
{
	struct ucall uc;

	u->size = size;
	u->vm = vm_create_kind(VM_REALM, 1, guest_code, &u->vcpu);
	virt_map_private(u->vm, PRIVATE_GVA, SLOT_GPA, size / u->vm->page_size);
	vcpu_args_set(u->vcpu, 1, size);

	u->memfd = vm_create_guest_memfd(u->vm, size, 0);
	TEST_ASSERT(!fallocate(u->memfd, FALLOC_FL_KEEP_SIZE, 0, size),
		    __KVM_SYSCALL_ERROR("fallocate", -1));
	u->hva = kvm_mmap(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	vm_set_user_memory_region2(u->vm, SLOT, KVM_MEM_GUEST_MEMFD, SLOT_GPA, size,
				   u->hva, u->memfd, 0);
	vm_mem_set_private(u->vm, SLOT_GPA, size);
	vm_launch(u->vm);

	TEST_ASSERT_EQ(vcpu_run_errno(u->vcpu), 0);
	if (get_ucall(u->vcpu, &uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(uc);
	TEST_ASSERT_EQ(uc.cmd, (u64)UCALL_DONE);
}

/* A page of each block goes, so that the others are mapped one by one. */
static void split_blocks(struct unmap_vm *u)
{
	u64 offset;

	for (offset = SZ_1M; offset < u->size; offset += BLOCK_SIZE)
		punch_hole(u->memfd, offset, u->vm->page_size);
	TEST_ASSERT_EQ(nr_blocks(u->vm), 0);
}

static void unmap_all(struct unmap_vm *u, enum way way)
{
	switch (way) {
	case CONVERT:
		vm_mem_set_shared(u->vm, SLOT_GPA, u->size);
		break;
	case PUNCH:
		punch_hole(u->memfd, 0, u->size);
		break;
	case DELETE:
		vm_set_user_memory_region2(u->vm, SLOT, KVM_MEM_GUEST_MEMFD, SLOT_GPA, 0,
					   u->hva, u->memfd, 0);
		break;
	case END:
		break;
	}
	if (way != END)
		TEST_ASSERT_EQ(nr_blocks(u->vm), 0);
}

static void destroy(struct unmap_vm *u)
{
	close(u->memfd);
	kvm_vm_free(u->vm);
	munmap(u->hva, u->size);
}

TEST_F_TIMEOUT(unmap, is_bounded, 600)
{
	struct maxima max;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes_mb); i++) {
		const u64 size = sizes_mb[i] * SZ_1M;
		const u64 blocks = size / BLOCK_SIZE;

		create(&self->u, size);
		if (nr_blocks(self->u.vm) != blocks) {
			destroy(&self->u);
			SKIP(return, "memory of the host is fragmented");
		}
		if (variant->pages)
			split_blocks(&self->u);

		if (!write_file(TRACING EVENT, "1")) {
			destroy(&self->u);
			SKIP(return, "no tracefs at " TRACING);
		}
		write_file(TRACING "trace", "");
		unmap_all(&self->u, variant->way);
		if (variant->way == END)
			destroy(&self->u);
		write_file(TRACING EVENT, "0");
		max = read_trace();
		if (variant->way != END)
			destroy(&self->u);

		TH_LOG("%lu MB: %lu times, at most %lu calls and %lu granules",
		       sizes_mb[i], max.events, max.calls, max.granules);
		EXPECT_GE(MAX_CALLS, max.calls);
		EXPECT_GE(MAX_GRANULES, max.granules);
		/* Nothing is unmapped out of sight */
		EXPECT_LE((size - (variant->pages ? blocks * SZ_4K : 0)) / SZ_4K,
			  max.all_granules);
	}
}

int main(int argc, char *argv[])
{
	return realm_harness_run(argc, argv);
}
