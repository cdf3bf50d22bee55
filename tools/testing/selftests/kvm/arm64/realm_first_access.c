// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_first_access - The first access to a shared page has no syndrome
 *
 * Of a pair, write-back, SIMD, exclusive or atomic access, or of DC ZVA, the
 * host is not told whether it is a store. Such a page must not be writable for
 * the realm until the host knows that it is, and then only if the host may write
 * it: the copy that the host must not change is compared afterwards. In an
 * ordinary VM for control, as far as there is such a thing.
 */
#include <linux/sizes.h>
#include <linux/userfaultfd.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "kvm_test_harness.h"
#include "processor.h"
#include "realm.h"
#include "test_util.h"
#include "userfaultfd_util.h"

#define SLOT		10
#define SLOT_GPA	0x40000000UL
#define SHARED_GVA	0x60000000UL

/* Where in its page an access goes; aligned for all of them. */
#define OFFSET		0x800UL
#define DATA		0x5ca1ab1e0ddba11UL
#define PATTERN		0xc0ffee0ddf00d5UL

/* What an access leaves in the words it is for. */
enum effect {
	NONE,
	STORES,
	ADDS,
	ZEROES,
};

struct form {
	const char *name;
	void (*run)(u64 addr, u64 old);
	enum effect effect;
	/* 0: a block of DC ZVA */
	u32 words;
};

/* One instruction may abort in each, and is left out then. */
#define DEFINE_STORE(_name, _insns)					\
static void run_##_name(u64 addr, u64 old)				\
{									\
	asm volatile(".arch_extension lse\n"				\
	"	dup	v0.2d, %[data]\n"				\
	"	mov	w9, wzr\n"					\
	_insns								\
	: [addr] "+r"(addr), [old] "+r"(old)				\
	: [data] "r"(DATA)						\
	: "x9", "x10", "v0", "memory");					\
}

DEFINE_STORE(stp, "stp %[data], %[data], [%[addr]]")
DEFINE_STORE(stnp, "stnp %[data], %[data], [%[addr]]")
DEFINE_STORE(stp_post, "stp %[data], %[data], [%[addr]], #16")
DEFINE_STORE(str_post, "str %[data], [%[addr]], #8")
DEFINE_STORE(str_pre, "sub %[addr], %[addr], #8\n str %[data], [%[addr], #8]!")
DEFINE_STORE(str_q, "str q0, [%[addr]]")
DEFINE_STORE(str_d, "str d0, [%[addr]]")
DEFINE_STORE(st1, "st1 {v0.2d}, [%[addr]]")
DEFINE_STORE(stxr, "1: ldxr x10, [%[addr]]\n mov w9, wzr\n"
		   "stxr w9, %[data], [%[addr]]\n cbnz w9, 1b")
DEFINE_STORE(stlxp, "1: ldaxp x10, xzr, [%[addr]]\n mov w9, wzr\n"
		    "stlxp w9, %[data], %[data], [%[addr]]\n cbnz w9, 1b")
DEFINE_STORE(swp, "swp %[data], x10, [%[addr]]")
DEFINE_STORE(cas, "casal %[old], %[data], [%[addr]]")
DEFINE_STORE(ldadd, "ldadd %[data], x10, [%[addr]]")
DEFINE_STORE(dc_zva, "dc zva, %[addr]")

#define DEFINE_LOAD(_name, _insns)					\
static void run_##_name(u64 addr, u64 old)				\
{									\
	u64 value;							\
									\
	asm volatile(_insns						\
	: [addr] "+r"(addr), [value] "=&r"(value)			\
	: : "v0", "x10", "memory");					\
	GUEST_ASSERT_EQ(value, old);					\
}

DEFINE_LOAD(ldp, "ldp x10, %[value], [%[addr]]")
DEFINE_LOAD(ldr_post, "ldr %[value], [%[addr]], #8")
DEFINE_LOAD(ldr_q, "ldr q0, [%[addr]]\n umov %[value], v0.d[1]")
DEFINE_LOAD(ldxr, "ldxr %[value], [%[addr]]\n clrex")

static const struct form forms[] = {
	{ "stp", run_stp, STORES, 2 },
	{ "stnp", run_stnp, STORES, 2 },
	{ "stp_post", run_stp_post, STORES, 2 },
	{ "str_post", run_str_post, STORES, 1 },
	{ "str_pre", run_str_pre, STORES, 1 },
	{ "str_q", run_str_q, STORES, 2 },
	{ "str_d", run_str_d, STORES, 1 },
	{ "st1", run_st1, STORES, 2 },
	{ "stxr", run_stxr, STORES, 1 },
	{ "stlxp", run_stlxp, STORES, 2 },
	{ "swp", run_swp, STORES, 1 },
	{ "cas", run_cas, STORES, 1 },
	{ "ldadd", run_ldadd, ADDS, 1 },
	{ "dc_zva", run_dc_zva, ZEROES, 0 },
	{ "ldp", run_ldp, NONE },
	{ "ldr_post", run_ldr_post, NONE },
	{ "ldr_q", run_ldr_q, NONE },
	{ "ldxr", run_ldxr, NONE },
};

#define NR_FORMS	((u32)ARRAY_SIZE(forms))

/* The guest's; written by the host before it runs. */
static u64 page_size;
static u64 old_word;
static u64 nr_seas;

static void sea_handler(struct ex_regs *regs)
{
	GUEST_ASSERT_EQ(read_sysreg(esr_el1) & ESR_ELx_FSC, (u64)ESR_ELx_FSC_EXTABT);
	nr_seas++;
	regs->pc += 4;
}

/* Each page is for one access, its first. Tells how often it took an SEA. */
static void guest_code(void)
{
	u32 i;

	for (i = 0; i < NR_FORMS; i++) {
		nr_seas = 0;
		forms[i].run(SHARED_GVA + i * page_size + OFFSET, old_word);
		GUEST_SYNC(nr_seas);
	}
	GUEST_DONE();
}

enum backing {
	UNTOUCHED,
	READ_BY_HOST,
	READ_ONLY_FILE,
	FILE_PRIVATE,
	READ_ONLY_SLOT,
	UFFD_MISSING,
	UFFD_WRITE_PROTECTED,
};

FIXTURE(first) {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpu;
	size_t size;
	u8 *mem;
	int fd;
	struct uffd_desc *uffd;
};

FIXTURE_VARIANT(first) {
	enum vm_kind kind;
	enum backing backing;
};

#define ADD_REALM(_name, _backing)					\
FIXTURE_VARIANT_ADD(first, realm_##_name) {				\
	.kind = VM_REALM,						\
	.backing = _backing,						\
}

#define ADD_BOTH(_name, _backing)					\
ADD_REALM(_name, _backing);						\
FIXTURE_VARIANT_ADD(first, ordinary_##_name) {				\
	.kind = VM_ORDINARY,						\
	.backing = _backing,						\
}

ADD_BOTH(untouched, UNTOUCHED);
ADD_BOTH(read_by_host, READ_BY_HOST);
ADD_BOTH(file_copy_on_write, FILE_PRIVATE);
ADD_BOTH(uffd_missing, UFFD_MISSING);
ADD_BOTH(uffd_write_protected, UFFD_WRITE_PROTECTED);
/* Where an ordinary VM ends, KVM_RUN fails: these are the realm's own. */
ADD_REALM(read_only_file, READ_ONLY_FILE);
ADD_REALM(read_only_slot, READ_ONLY_SLOT);

static u64 old_content(enum backing backing)
{
	return backing == UNTOUCHED || backing == READ_BY_HOST ? 0 : PATTERN;
}

static void fill(u64 *page, size_t size, u64 value)
{
	size_t i;

	for (i = 0; i < size / sizeof(value); i++)
		page[i] = value;
}

/* A page with its content from before any access. */
static u64 *old_page(void)
{
	static u64 page[SZ_64K / sizeof(u64)];

	fill(page, getpagesize(), PATTERN);
	return page;
}

static int new_file(size_t size)
{
	char name[] = "/tmp/realm_first_access.XXXXXX";
	size_t offset;
	int fd, rfd;

	fd = mkstemp(name);
	TEST_ASSERT(fd >= 0, __KVM_SYSCALL_ERROR("mkstemp", fd));
	for (offset = 0; offset < size; offset += getpagesize()) {
		TEST_ASSERT(pwrite(fd, old_page(), getpagesize(), offset) == getpagesize(),
			    "pwrite");
	}
	TEST_ASSERT(!fchmod(fd, 0444), "fchmod");
	rfd = open(name, O_RDONLY);
	TEST_ASSERT(rfd >= 0, __KVM_SYSCALL_ERROR("open", rfd));
	close(fd);
	unlink(name);
	return rfd;
}

/* How many faults there were; the memory has not changed by the time of one. */
static u32 nr_uffd_faults;

static int handle_uffd(int mode, int uffd, struct uffd_msg *msg)
{
	const u64 addr = msg->arg.pagefault.address & ~(getpagesize() - 1UL);
	struct uffdio_writeprotect wp = {
		.range = { .start = addr, .len = getpagesize() },
	};
	struct uffdio_copy copy = {
		.dst = addr,
		.src = (u64)old_page(),
		.len = getpagesize(),
	};

	nr_uffd_faults++;
	if (mode == UFFDIO_REGISTER_MODE_MISSING)
		return ioctl(uffd, UFFDIO_COPY, &copy);

	TEST_ASSERT(!memcmp((void *)addr, old_page(), getpagesize()),
		    "Written while write-protected: 0x%lx", addr);
	return ioctl(uffd, UFFDIO_WRITEPROTECT, &wp);
}

static struct uffd_desc *set_up_uffd(enum backing backing, u8 *mem, size_t size)
{
	struct uffdio_writeprotect wp = {
		.range = { .start = (u64)mem, .len = size },
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	struct uffd_desc *uffd;

	if (backing == UFFD_MISSING)
		return uffd_setup_demand_paging(UFFDIO_REGISTER_MODE_MISSING, 0, mem, size, 1,
						handle_uffd);

	uffd = uffd_setup_demand_paging(UFFDIO_REGISTER_MODE_WP, 0, mem, size, 1, handle_uffd);
	TEST_ASSERT(!ioctl(uffd->uffd, UFFDIO_WRITEPROTECT, &wp), "UFFDIO_WRITEPROTECT");
	return uffd;
}

static bool is_uffd(enum backing backing)
{
	return backing == UFFD_MISSING || backing == UFFD_WRITE_PROTECTED;
}

static u8 *map_backing(enum backing backing, size_t size, int *fd)
{
	int prot = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
	u8 *mem;

	*fd = -1;
	if (backing == READ_ONLY_FILE || backing == FILE_PRIVATE) {
		*fd = new_file(size);
		flags = MAP_PRIVATE;
	}
	if (backing == READ_ONLY_FILE) {
		prot = PROT_READ;
		flags = MAP_SHARED;
	}

	mem = mmap(NULL, size, prot, flags, *fd, 0);
	TEST_ASSERT(mem != MAP_FAILED, "mmap");
	if (*fd < 0)
		madvise(mem, size, MADV_NOHUGEPAGE);
	if (backing == READ_ONLY_SLOT || backing == UFFD_WRITE_PROTECTED)
		fill((u64 *)mem, size, PATTERN);
	if (backing == READ_BY_HOST) {
		for (size_t i = 0; i < size; i += getpagesize())
			TEST_ASSERT_EQ(READ_ONCE(*(u64 *)(mem + i)), 0);
	}
	return mem;
}

FIXTURE_SETUP(first)
{
	const u32 flags = variant->backing == READ_ONLY_SLOT ? KVM_MEM_READONLY : 0;

	SKIP_WITHOUT_REALMS(return, variant->kind);

	self->vm = vm_create_kind(variant->kind, 1, guest_code, &self->vcpu);
	self->size = NR_FORMS * self->vm->page_size;
	self->mem = map_backing(variant->backing, self->size, &self->fd);
	nr_uffd_faults = 0;
	if (is_uffd(variant->backing))
		self->uffd = set_up_uffd(variant->backing, self->mem, self->size);

	vm_set_user_memory_region(self->vm, SLOT, flags, SLOT_GPA, self->size, self->mem);
	virt_map_shared(self->vm, SHARED_GVA, SLOT_GPA, NR_FORMS);
	vm_install_sync_handler(self->vm, VECTOR_SYNC_CURRENT, ESR_ELx_EC_DABT_CUR, sea_handler);
	write_guest_global(self->vm, page_size, (u64)self->vm->page_size);
	write_guest_global(self->vm, old_word, old_content(variant->backing));
	vm_launch(self->vm);
}

FIXTURE_TEARDOWN(first)
{
	kvm_vm_free(self->vm);
	if (self->uffd)
		uffd_stop_demand_paging(self->uffd);
	if (self->fd >= 0)
		close(self->fd);
	munmap(self->mem, self->size);
}

static u32 effect_words(const struct form *form)
{
	u64 dczid;

	if (form->words || form->effect == NONE)
		return form->words;

	dczid = read_sysreg(dczid_el0);
	return (4UL << (dczid & 0xf)) / sizeof(u64);
}

/* Does @page look as it has to after @form, if that was done? */
static bool page_as_expected(const u64 *page, const struct form *form, u64 old, bool done)
{
	const u32 first = OFFSET / sizeof(u64), last = first + effect_words(form);
	const u64 new[] = {
		[NONE]		= old,
		[STORES]	= DATA,
		[ADDS]		= old + DATA,
		[ZEROES]	= 0,
	};
	u32 i;

	for (i = 0; i < getpagesize() / sizeof(u64); i++) {
		const bool changed = done && i >= first && i < last;

		if (READ_ONCE(page[i]) != (changed ? new[form->effect] : old)) {
			ksft_print_msg("%s: word %u is 0x%lx\n", form->name, i, page[i]);
			return false;
		}
	}
	return true;
}

static bool page_is(const u64 *page, u64 value)
{
	const struct form none = { .name = "what must not change" };

	return page_as_expected(page, &none, value, false);
}

static bool file_is_unchanged(int fd, size_t size)
{
	static u64 page[SZ_64K / sizeof(u64)];
	size_t offset;

	for (offset = 0; offset < size; offset += getpagesize()) {
		TEST_ASSERT(pread(fd, page, getpagesize(), offset) == getpagesize(), "pread");
		if (!page_is(page, PATTERN))
			return false;
	}
	return true;
}

/* A page of zeroes as every process has it. */
static bool zero_page_is_unchanged(void)
{
	const size_t size = getpagesize();
	u64 *page = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool ok;

	TEST_ASSERT(page != MAP_FAILED, "mmap");
	ok = page_is(page, 0);
	munmap(page, size);
	return ok;
}

/* A store fails KVM_RUN until there is memory that can be written. */
static void run_refused(struct kvm_vcpu *vcpu, u8 *page, bool refused)
{
	void *map;

	if (!refused)
		return;

	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), EFAULT);
	TEST_ASSERT_EQ(vcpu->run->exit_reason, KVM_EXIT_MEMORY_FAULT);
	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), EFAULT);
	map = mmap(page, getpagesize(), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	TEST_ASSERT(map == page, "mmap");
	fill((u64 *)page, getpagesize(), PATTERN);
}

TEST_F(first, leaves_the_copy_of_the_host)
{
	const u64 old = old_content(variant->backing);
	struct ucall uc;
	u32 i;

	for (i = 0; i < NR_FORMS; i++) {
		u8 *page = self->mem + i * self->vm->page_size;
		const bool slot_refuses = variant->backing == READ_ONLY_SLOT &&
					  forms[i].effect != NONE;
		const bool file_refuses = variant->backing == READ_ONLY_FILE &&
					  forms[i].effect != NONE;

		run_refused(self->vcpu, page, file_refuses);
		ASSERT_EQ(0, vcpu_run_errno(self->vcpu));
		if (get_ucall(self->vcpu, &uc) == UCALL_ABORT)
			REPORT_GUEST_ASSERT(uc);
		ASSERT_EQ(UCALL_SYNC, uc.cmd);

		if (variant->backing == UFFD_MISSING || forms[i].effect != NONE) {
			EXPECT_EQ(is_uffd(variant->backing), nr_uffd_faults);
		}
		nr_uffd_faults = 0;

		EXPECT_EQ(slot_refuses, uc.args[1] != 0);
		EXPECT_TRUE(page_as_expected((u64 *)page, &forms[i], old, !slot_refuses));
		EXPECT_TRUE(zero_page_is_unchanged());
		if (self->fd >= 0) {
			EXPECT_TRUE(file_is_unchanged(self->fd, self->size));
		}
	}
	ASSERT_EQ(0, vcpu_run_errno(self->vcpu));
	EXPECT_EQ(UCALL_DONE, get_ucall(self->vcpu, &uc));
}

int main(int argc, char *argv[])
{
	return realm_harness_run(argc, argv);
}
