// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage 2 of a realm.
 *
 * The tables (RTTs) belong to the RMM, DEN0137 A5.6. The host provides the
 * memory for them, and asks for entries to be made and removed, one range of
 * IPAs at a time.
 *
 * A page of guest_memfd is delegated to the RMM for exactly as long as it is
 * mapped at a protected IPA. Mapping and unmapping of the same page are kept
 * apart by its folio lock, mapping and invalidation by mmu_lock, as for any VM.
 * Tables are only added while vCPUs run: the RMM sorts out two vCPUs that bring
 * the same one. They go away with the realm.
 *
 * Where memory is contiguous and aligned it is mapped as a block, without a
 * table of pages. Such a table may be needed later to unmap a part, at a time
 * when none can be allocated: for each block of private memory one is kept.
 * Blocks are made with mmu_lock held, and tables of pages are brought with it
 * held for writing, because that splits a block.
 */

#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/kvm_host.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

#include <asm/kvm_mmu.h>
#include <asm/kvm_rmi.h>
#include <asm/rmi.h>

/* MemAttr[2:0] of a stage 2 descriptor with FEAT_S2FWB: Normal Write-Back */
#define RTT_MEMATTR_NORMAL	6

/* Fields of a stage 2 descriptor as RMI_RTT_READ_ENTRY returns it */
#define RTT_DESC_ADDR		GENMASK_ULL(47, 12)
#define RTT_DESC_S2AP_R		BIT_ULL(6)
#define RTT_DESC_S2AP_W		BIT_ULL(7)

/* The only size of block that memory is mapped with, besides pages */
#define RTT_BLOCK_LEVEL		2
#define RTT_BLOCK_BYTES		RMI_RTT_LEVEL_BYTES(RTT_BLOCK_LEVEL)
#define RTT_BLOCK_PAGES		(RTT_BLOCK_BYTES >> PAGE_SHIFT)

/* For one entry there are never more tables missing than there are levels */
#define RTT_MAX_TRIES		4

#define realm_err(kvm, fmt, ...)					\
	pr_err_ratelimited("kvm [%d]: realm: " fmt,			\
			   (kvm)->userspace_pid, ##__VA_ARGS__)

/**
 * struct rtt_range - a range of IPAs that an operation works its way through
 * @kvm:	the realm
 * @base:	first IPA
 * @ipa:	first IPA that is not done yet
 * @top:	end of the range
 * @level:	level of the entries that are to be made
 * @pa:		PA to be mapped at @base
 * @mmu_seq:	mmu_invalidate_seq from before @pa, and whether it is private,
 *		was looked up
 * @page:	page of @pa, until what becomes of it is known
 * @writable:	@pa may be written
 * @replace:	what is mapped in the range already is in the way
 * @rec:	PA of the REC that asked for the RIPAS change
 * @src:	PA of the contents for @base
 * @measure:	the contents are part of the measurement of the realm
 */
struct rtt_range {
	struct kvm	*kvm;
	gpa_t		base;
	gpa_t		ipa;
	gpa_t		top;
	int		level;
	phys_addr_t	pa;
	unsigned long	mmu_seq;
	struct page	*page;
	bool		writable;
	bool		replace;
	phys_addr_t	rec;
	phys_addr_t	src;
	bool		measure;
};

/*
 * One RMI command for as much of [@range->ipa, @range->top) as the RMM does at
 * a time. Returns 0 with the answer in @status, and in @out_top how far it
 * went; or a negative error when the command was not issued or not finished.
 */
typedef int (*rtt_step_t)(struct rtt_range *range, rmi_status_t *status,
			  gpa_t *out_top);

static gpa_t rtt_entry_base(gpa_t ipa, int level)
{
	return ALIGN_DOWN(ipa, RMI_RTT_LEVEL_BYTES(level));
}

static gpa_t rtt_entry_top(gpa_t ipa, int level)
{
	return rtt_entry_base(ipa, level) + RMI_RTT_LEVEL_BYTES(level);
}

/* Waiting has been tried: BUSY and BLOCKED mean that somebody else is at it */
static int rtt_error(struct kvm *kvm, const char *what, gpa_t ipa,
		     rmi_status_t status)
{
	switch (rmi_code(status)) {
	case RMI_BUSY:
	case RMI_BLOCKED:
		return -EAGAIN;
	case RMI_ERROR_REALM:
		/* A vCPU has turned the realm off: it can only be torn down. */
		if (kvm_realm_state(kvm) == KVM_REALM_ACTIVE)
			return -ESHUTDOWN;
		fallthrough;
	default:
		realm_err(kvm, "%s at %#llx: %s\n", what, ipa,
			  rmi_status_name(status));
		return -EIO;
	}
}

static bool rtt_read_entry(struct kvm *kvm, gpa_t ipa,
			   struct rmi_rtt_read_entry_out *entry)
{
	struct arm_smccc_1_2_regs regs;

	rmi_rtt_read_entry_encode(&regs, kvm->arch.realm->rd,
				  ALIGN_DOWN(ipa, RMI_GRANULE_BYTES),
				  RMI_RTT_LAST_LEVEL);
	rmi_run(&regs, GFP_ATOMIC);
	return rmi_ok(rmi_rtt_read_entry_decode(&regs, entry)) &&
	       entry->walk_level <= RMI_RTT_LAST_LEVEL;
}

static bool rtt_is_block(struct kvm *kvm, gpa_t ipa)
{
	struct rmi_rtt_read_entry_out entry;

	return rtt_read_entry(kvm, ipa, &entry) && entry.state == RMI_RTTE_DATA &&
	       entry.walk_level == RTT_BLOCK_LEVEL;
}

/* How many blocks there are is for statistics, and for the tables to be kept */
static atomic64_t *rtt_nr_blocks(struct kvm *kvm, gpa_t ipa)
{
	return kvm_realm_ipa_is_shared(kvm, ipa) ? &kvm->stat.realm_shared_blocks :
						   &kvm->stat.realm_private_blocks;
}

/* What was unmapped, as an unmapping command returns it in @desc */
static void rtt_count_unmapped(struct kvm *kvm, gpa_t ipa, u64 desc)
{
	if (FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_SIZE, desc) ==
	    RMI_RTT_LAST_LEVEL - RTT_BLOCK_LEVEL)
		atomic64_sub(FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_COUNT, desc),
			     rtt_nr_blocks(kvm, ipa));
}

/* Put the table of @level at @rtt in the place of the entry for @ipa */
static int rtt_run_create(struct kvm *kvm, phys_addr_t rtt, gpa_t ipa, int level,
			  gfp_t gfp, rmi_status_t *status)
{
	struct rmi_rtt_create_out out;
	struct arm_smccc_1_2_regs regs;
	int ret;

	rmi_rtt_create_encode(&regs, kvm->arch.realm->rd, rtt,
			      rtt_entry_base(ipa, level - 1), level);
	ret = rmi_run(&regs, gfp);
	*status = rmi_rtt_create_decode(&regs, &out);
	return ret;
}

/* The same for a table of pages, which may split a block */
static int rtt_run_create_last(struct kvm *kvm, phys_addr_t rtt, gpa_t ipa,
			       rmi_status_t *status)
{
	bool block;
	int ret;

	lockdep_assert_held_write(&kvm->mmu_lock);

	block = rtt_is_block(kvm, ipa);
	ret = rtt_run_create(kvm, rtt, ipa, RMI_RTT_LAST_LEVEL, GFP_ATOMIC, status);
	if (block && !ret && rmi_ok(*status))
		atomic64_dec(rtt_nr_blocks(kvm, ipa));
	return ret;
}

static int rtt_create_table(struct kvm *kvm, gpa_t ipa, int level)
{
	rmi_status_t status;
	phys_addr_t rtt;
	int ret;

	rtt = rmi_alloc_granules(1, GFP_KERNEL_ACCOUNT);
	if (!rtt)
		return -ENOMEM;

	if (level == RMI_RTT_LAST_LEVEL) {
		write_lock(&kvm->mmu_lock);
		ret = rtt_run_create_last(kvm, rtt, ipa, &status);
		write_unlock(&kvm->mmu_lock);
	} else {
		ret = rtt_run_create(kvm, rtt, ipa, level, GFP_KERNEL_ACCOUNT, &status);
	}
	if (!ret && rmi_ok(status))
		return 0;

	rmi_free_granules(rtt, 1);
	if (ret)
		return ret;

	/* Another vCPU was faster */
	if (rmi_code(status) == RMI_ERROR_RTT)
		return 0;
	return rtt_error(kvm, "RTT_CREATE", ipa, status);
}

/*
 * Ask the RMM, bring the table that is missing, go on.
 *
 * Returns 0 when the whole range is done, -EEXIST when there is an entry of
 * another kind in the way at @range->ipa, or another negative error.
 */
static int rtt_for_range(struct rtt_range *range, rtt_step_t step, const char *what)
{
	unsigned int tries = 0;
	rmi_status_t status;
	int ret;

	while (range->ipa < range->top) {
		gpa_t out_top = range->ipa;

		ret = step(range, &status, &out_top);
		if (ret)
			return ret;

		cond_resched();
		if (rmi_ok(status) && out_top > range->ipa && out_top <= range->top) {
			range->ipa = out_top;
			tries = 0;
			continue;
		}

		if (rmi_code(status) != RMI_ERROR_RTT || ++tries > RTT_MAX_TRIES)
			return rtt_error(range->kvm, what, range->ipa, status);
		if (rmi_index(status) >= range->level)
			return -EEXIST;

		ret = rtt_create_table(range->kvm, range->ipa, rmi_index(status) + 1);
		if (ret)
			return ret;
	}
	return 0;
}

/* Describe @range from where it is now on, for a mapping command */
static u64 rtt_range_desc(const struct rtt_range *range, unsigned long state)
{
	unsigned long count = (range->top - range->ipa) >>
			      RMI_RTT_LEVEL_SHIFT(range->level);
	phys_addr_t pa = range->pa + (range->ipa - range->base);

	return FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_SIZE,
			  RMI_RTT_LAST_LEVEL - range->level) |
	       FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_COUNT, count) |
	       FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_STATE, state) |
	       (pa & RMI_ADDR_RANGE_DESC4_KB_ADDR);
}

/*
 * Blocks of private memory, and the tables kept to split them
 */

static void rtt_keep_table(struct kvm_realm *realm, phys_addr_t rtt)
{
	guard(spinlock)(&realm->kept_lock);
	list_add(&phys_to_page(rtt)->lru, &realm->kept_tables);
	realm->nr_kept_tables++;
}

static struct page *rtt_take_kept_table(struct kvm_realm *realm)
{
	struct page *page;

	guard(spinlock)(&realm->kept_lock);
	page = list_first_entry_or_null(&realm->kept_tables, struct page, lru);
	if (page) {
		list_del(&page->lru);
		realm->nr_kept_tables--;
	}
	return page;
}

static void rtt_free_kept_tables(struct kvm_realm *realm)
{
	struct page *page;

	while ((page = rtt_take_kept_table(realm)))
		rmi_free_granules(page_to_phys(page), 1);
}

/*
 * Count one more block of private memory, and see to it that there is a table
 * to split it with. A table that is not needed any more is kept for the next.
 */
static int rtt_account_block(struct kvm *kvm)
{
	struct kvm_realm *realm = kvm->arch.realm;
	phys_addr_t rtt;

	scoped_guard(spinlock, &realm->kept_lock) {
		if (atomic64_inc_return(&kvm->stat.realm_private_blocks) <=
		    realm->nr_kept_tables)
			return 0;
	}

	rtt = rmi_alloc_granules(1, GFP_KERNEL_ACCOUNT);
	if (!rtt) {
		atomic64_dec(&kvm->stat.realm_private_blocks);
		return -ENOMEM;
	}

	rtt_keep_table(realm, rtt);
	return 0;
}

/* The block of private memory at @ipa becomes pages, their contents stay */
static bool rtt_split_block(struct kvm *kvm, gpa_t ipa)
{
	struct page *page = rtt_take_kept_table(kvm->arch.realm);
	rmi_status_t status;

	if (!page) {
		realm_err(kvm, "no table for the block at %#llx\n", ipa);
		return false;
	}

	if (!rtt_run_create_last(kvm, page_to_phys(page), ipa, &status) && rmi_ok(status))
		return true;

	rtt_keep_table(kvm->arch.realm, page_to_phys(page));
	realm_err(kvm, "cannot split the block at %#llx: %s\n", ipa,
		  rmi_status_name(status));
	return false;
}

/*
 * Remove the table of pages at @ipa if all its entries are what one entry can
 * say: a block, when all is mapped, or nothing. The table is kept if there is
 * none too many yet.
 */
static void rtt_fold_pages(struct kvm *kvm, gpa_t ipa)
{
	struct kvm_realm *realm = kvm->arch.realm;
	struct rmi_rtt_fold_out out;
	struct arm_smccc_1_2_regs regs;

	rmi_rtt_fold_encode(&regs, realm->rd, ipa, RMI_RTT_LAST_LEVEL);

	scoped_guard(read_lock, &kvm->mmu_lock) {
		if (rmi_run(&regs, GFP_ATOMIC) ||
		    !rmi_ok(rmi_rtt_fold_decode(&regs, &out)))
			return;

		if (rtt_is_block(kvm, ipa))
			atomic64_inc(&kvm->stat.realm_private_blocks);
		if (realm->nr_kept_tables <=
		    atomic64_read(&kvm->stat.realm_private_blocks)) {
			rtt_keep_table(realm, out.rtt);
			return;
		}
	}
	rmi_free_granules(out.rtt, 1);
}

/*
 * Unmapping
 */

/*
 * Destroy the table of @level that describes memory from @ipa on. In @next is
 * how far there is nothing else to destroy, from @ipa, as the RMM knows it.
 */
static rmi_status_t rtt_destroy_table(struct kvm *kvm, gpa_t ipa, int level,
				      gfp_t gfp, gpa_t *next)
{
	struct rmi_rtt_destroy_out out;
	struct arm_smccc_1_2_regs regs;
	rmi_status_t status;

	rmi_rtt_destroy_encode(&regs, kvm->arch.realm->rd, ipa, level);
	rmi_run(&regs, gfp);
	status = rmi_rtt_destroy_decode(&regs, &out);
	*next = rtt_entry_base(out.top, level - 1);

	if (rmi_ok(status)) {
		rmi_undelegate(out.rtt, out.rtt + RMI_GRANULE_BYTES, gfp);
		put_page(phys_to_page(out.rtt));
	}
	return status;
}

/*
 * The quickest way to unmap all that a table of pages describes, and to skip
 * what has no table, is to destroy the table. The RMM allows that for shared
 * memory, where nothing is lost. Returns false if there is something else.
 */
static bool rtt_unmap_shared_table(struct kvm *kvm, gpa_t *ipa)
{
	rmi_status_t status;
	gpa_t next;

	status = rtt_destroy_table(kvm, *ipa, RMI_RTT_LAST_LEVEL, GFP_ATOMIC, &next);
	if (rmi_ok(status))
		next = max(next, *ipa + RMI_RTT_LEVEL_BYTES(RTT_BLOCK_LEVEL));
	else if (rmi_code(status) != RMI_ERROR_RTT || next <= *ipa)
		return false;

	*ipa = next;
	return true;
}

static rmi_status_t rtt_unmap_shared_once(struct kvm *kvm, gpa_t ipa, gpa_t top,
					  gpa_t *out_top)
{
	struct rmi_rtt_unprot_unmap_out out;
	struct arm_smccc_1_2_regs regs;
	unsigned long type = RMI_ADDR_TYPE_NONE;
	rmi_status_t status;

	/* Maybe a block. All else is done by fewer calls if it is not described. */
	if (top - ipa == RTT_BLOCK_BYTES)
		type = RMI_ADDR_TYPE_SINGLE;

	rmi_rtt_unprot_unmap_encode(&regs, kvm->arch.realm->rd, ipa, top,
				    FIELD_PREP(RMI_RTT_UNMAP_FLAGS_OADDR_TYPE, type), 0);
	rmi_run(&regs, GFP_ATOMIC);
	status = rmi_rtt_unprot_unmap_decode(&regs, &out);
	*out_top = out.out_top;
	if (rmi_ok(status) && type == RMI_ADDR_TYPE_SINGLE)
		rtt_count_unmapped(kvm, ipa, out.out_range);
	return status;
}

/* What was unmapped is returned to the host */
static rmi_status_t rtt_unmap_private_once(struct kvm *kvm, gpa_t ipa, gpa_t top,
					   gpa_t *out_top)
{
	struct rmi_rtt_data_unmap_out out;
	struct arm_smccc_1_2_regs regs;
	rmi_status_t status;
	phys_addr_t pa;
	u64 count;

	rmi_rtt_data_unmap_encode(&regs, kvm->arch.realm->rd, ipa, top,
				  FIELD_PREP(RMI_RTT_UNMAP_FLAGS_OADDR_TYPE,
					     RMI_ADDR_TYPE_SINGLE), 0);
	rmi_run(&regs, GFP_ATOMIC);
	status = rmi_rtt_data_unmap_decode(&regs, &out);
	*out_top = out.out_top;
	if (!rmi_ok(status))
		return status;

	pa = out.out_range & RMI_ADDR_RANGE_DESC4_KB_ADDR;
	count = FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_COUNT, out.out_range);
	count <<= RMI_RTT_LEVEL_SHIFT(RMI_RTT_LAST_LEVEL -
				      FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_SIZE,
						out.out_range));
	rtt_count_unmapped(kvm, ipa, out.out_range);
	rmi_undelegate(pa, pa + count, GFP_ATOMIC);
	return status;
}

/*
 * The RMM does not unmap [@ipa, @top) in one piece. Returns true if it is worth
 * to go on at @ipa, which may have moved, as may @top.
 */
static bool rtt_unmap_obstacle(struct kvm *kvm, gpa_t *ipa, gpa_t *top)
{
	bool shared = kvm_realm_ipa_is_shared(kvm, *ipa);
	struct rmi_rtt_read_entry_out entry;
	gpa_t entry_base, entry_top;

	if (!rtt_read_entry(kvm, *ipa, &entry))
		return false;

	entry_base = rtt_entry_base(*ipa, entry.walk_level);
	entry_top = rtt_entry_top(*ipa, entry.walk_level);
	if (entry.state == RMI_RTTE_VOID) {
		*ipa = entry_top;
		return true;
	}

	if (entry.state != RMI_RTTE_DATA || (entry_base == *ipa && entry_top <= *top))
		return false;

	/*
	 * A block that is only partly in the range. Shared memory is mapped
	 * again when it is accessed, so it can go as a whole. With private
	 * memory that is the end of the VM.
	 */
	if (!shared) {
		if (rtt_split_block(kvm, entry_base))
			return true;
		kvm_vm_dead(kvm);
	}

	*top = max(*top, entry_top);
	*ipa = entry_base;
	return true;
}

/*
 * The RMM does not unmap what is at @ipa, and its owner is about to free it.
 * It must not be used by anybody else, so it is lost, and the VM ends here.
 * Returns where to go on.
 */
static gpa_t rtt_unmap_failed(struct kvm *kvm, gpa_t ipa, gpa_t top,
			      rmi_status_t status)
{
	struct rmi_rtt_read_entry_out entry;

	realm_err(kvm, "cannot unmap %#llx: %s\n", ipa, rmi_status_name(status));
	kvm_vm_dead(kvm);

	if (!rtt_read_entry(kvm, ipa, &entry))
		return top;

	if (entry.state == RMI_RTTE_DATA) {
		phys_addr_t pa = entry.desc & RTT_DESC_ADDR;

		rmi_undelegate(pa, pa + RMI_RTT_LEVEL_BYTES(entry.walk_level),
			       GFP_ATOMIC);
	}
	return rtt_entry_top(ipa, entry.walk_level);
}

/* Unmap something from @ipa on. Returns where to go on, and may move @top up. */
static gpa_t rtt_unmap_next(struct kvm *kvm, gpa_t ipa, gpa_t *top, unsigned int *tries)
{
	gpa_t block_top = rtt_entry_top(ipa, RTT_BLOCK_LEVEL);
	rmi_status_t status;
	gpa_t next;

	if (!kvm_realm_ipa_is_shared(kvm, ipa)) {
		status = rtt_unmap_private_once(kvm, ipa, *top, &next);
	} else {
		if (rtt_entry_base(ipa, RTT_BLOCK_LEVEL) == ipa && block_top <= *top &&
		    rtt_unmap_shared_table(kvm, &ipa))
			return ipa;
		status = rtt_unmap_shared_once(kvm, ipa, min(*top, block_top), &next);
	}

	if (rmi_ok(status) && next > ipa) {
		*tries = 0;
		return next;
	}

	next = ipa;
	if (rmi_code(status) != RMI_ERROR_RTT || ++*tries > RTT_MAX_TRIES ||
	    !rtt_unmap_obstacle(kvm, &next, top))
		return rtt_unmap_failed(kvm, ipa, *top, status);
	if (next > ipa)
		*tries = 0;
	return next;
}

/* [@ipa, @top) is within one half of the IPA space */
static void rtt_unmap(struct kvm *kvm, gpa_t ipa, gpa_t top, bool may_block)
{
	unsigned int tries = 0;

	lockdep_assert_held_write(&kvm->mmu_lock);

	while (ipa < top) {
		ipa = rtt_unmap_next(kvm, ipa, &top, &tries);
		if (may_block)
			cond_resched_rwlock_write(&kvm->mmu_lock);
	}
}

/* There are tables, and may be mappings, from RMI_REALM_CREATE to _DESTROY */
static bool realm_has_rtts(struct kvm *kvm)
{
	return kvm_realm_state(kvm) != KVM_REALM_NONE && kvm->arch.realm->rd;
}

/**
 * kvm_realm_unmap_gfn_range() - Unmap guest memory
 * @kvm: a realm, in any state; mmu_lock is held for writing
 * @start: first gfn
 * @end: gfn after the last one
 * @filter: which of its two mappings; enum kvm_gfn_range_filter, both if 0
 * @may_block: mmu_lock may be dropped in between, to let others run
 *
 * The contents of private memory are lost. Its pages are the host's again.
 */
void kvm_realm_unmap_gfn_range(struct kvm *kvm, gfn_t start, gfn_t end,
			       unsigned int filter, bool may_block)
{
	gpa_t base = gfn_to_gpa(start), top = gfn_to_gpa(end);
	gpa_t half = kvm_realm_shared_bit(kvm);

	if (!realm_has_rtts(kvm))
		return;

	top = min(top, half);
	if (base >= top)
		return;

	if (!filter || (filter & KVM_FILTER_PRIVATE))
		rtt_unmap(kvm, base, top, may_block);
	if (!filter || (filter & KVM_FILTER_SHARED))
		rtt_unmap(kvm, base | half, top + half, may_block);
}

/**
 * kvm_realm_unmap_all() - Unmap all memory of a realm
 * @kvm: a realm, in any state; no vCPU of it runs
 */
void kvm_realm_unmap_all(struct kvm *kvm)
{
	write_lock(&kvm->mmu_lock);
	kvm_realm_unmap_gfn_range(kvm, 0, gpa_to_gfn(kvm_realm_shared_bit(kvm)),
				  0, true);
	write_unlock(&kvm->mmu_lock);
}

/**
 * kvm_realm_destroy_tables() - Free all tables but the root, and those kept
 * @kvm: a realm with nothing mapped and no REC
 */
void kvm_realm_destroy_tables(struct kvm *kvm)
{
	gpa_t ipa, top = BIT_ULL(kvm->arch.realm->ipa_bits);
	rmi_status_t status;
	gpa_t next;
	int level;

	for (level = RMI_RTT_LAST_LEVEL; level > kvm->arch.realm->start_level; level--) {
		for (ipa = 0; ipa < top; ipa = max(next, rtt_entry_top(ipa, level - 1))) {
			status = rtt_destroy_table(kvm, ipa, level, GFP_KERNEL, &next);
			if (!rmi_ok(status) && rmi_code(status) != RMI_ERROR_RTT)
				rtt_error(kvm, "RTT_DESTROY", ipa, status);
			cond_resched();
		}
	}

	rtt_free_kept_tables(kvm->arch.realm);
}

/*
 * Private memory
 */

/* With mmu_lock held nobody brings a table: what comes is a block or fails */
static int rtt_check_block(struct rtt_range *range)
{
	struct rmi_rtt_read_entry_out entry;

	if (range->level == RMI_RTT_LAST_LEVEL)
		return 0;
	if (!rtt_read_entry(range->kvm, range->ipa, &entry) ||
	    entry.state != RMI_RTTE_VOID || entry.walk_level > range->level ||
	    entry.ripas == RMI_RIPAS_DESTROYED)
		return -EEXIST;
	return 0;
}

static int rtt_map_private_step(struct rtt_range *range, rmi_status_t *status,
				gpa_t *out_top)
{
	u64 desc = rtt_range_desc(range, RMI_OP_MEM_DELEGATED);
	struct kvm *kvm = range->kvm;
	struct rmi_rtt_data_map_out out;
	struct arm_smccc_1_2_regs regs;
	int ret = -EAGAIN;

	rmi_rtt_data_map_encode(&regs, kvm->arch.realm->rd, range->ipa, range->top,
				FIELD_PREP(RMI_RTT_PROT_MAP_FLAGS_OADDR_TYPE,
					   RMI_ADDR_TYPE_SINGLE), desc);

	read_lock(&kvm->mmu_lock);
	if (!mmu_invalidate_retry(kvm, range->mmu_seq))
		ret = rtt_check_block(range) ?: rmi_run(&regs, GFP_ATOMIC);
	read_unlock(&kvm->mmu_lock);

	*status = rmi_rtt_data_map_decode(&regs, &out);
	*out_top = out.out_top;
	return ret;
}

static int rtt_map_initial_step(struct rtt_range *range, rmi_status_t *status,
				gpa_t *out_top)
{
	u64 offset = range->ipa - range->base;
	struct rmi_rtt_data_map_init_out out;
	struct arm_smccc_1_2_regs regs;
	int ret;

	rmi_rtt_data_map_init_encode(&regs, range->kvm->arch.realm->rd,
				     range->pa + offset, range->ipa,
				     range->src + offset,
				     FIELD_PREP(RMI_DATA_FLAGS_MEASURE, range->measure));
	ret = rmi_run(&regs, GFP_KERNEL);
	*status = rmi_rtt_data_map_init_decode(&regs, &out);
	*out_top = range->ipa + RMI_GRANULE_BYTES;
	return ret;
}

/*
 * Delegate memory and map it. Either all of it is mapped in the end, or nothing
 * and it is the host's. Returns 0, or a negative error.
 */
static int realm_map_private(struct rtt_range *range, rtt_step_t step, const char *what)
{
	struct kvm *kvm = range->kvm;
	phys_addr_t top = range->pa + (range->top - range->base);
	int ret;

	ret = rmi_delegate(range->pa, top, GFP_KERNEL);
	if (ret)
		return ret;

	ret = rtt_for_range(range, step, what);
	if (!ret)
		return 0;

	/* The first part, if a page has several granules, was mapped */
	write_lock(&kvm->mmu_lock);
	rtt_unmap(kvm, range->base, range->ipa, true);
	write_unlock(&kvm->mmu_lock);

	/* What stays delegated must not be cleared for its next use either */
	if (rmi_undelegate(range->pa + (range->ipa - range->base), top, GFP_KERNEL))
		folio_mark_uptodate(page_folio(phys_to_page(range->pa)));
	return ret;
}

/**
 * kvm_realm_map_initial() - Map a page of private memory with contents
 * @kvm: a realm in state KVM_REALM_NEW, realm->lock held
 * @gpa: where, page aligned
 * @pfn: page of guest_memfd
 * @src: page with the contents
 * @measure: make the contents part of the initial measurement of the realm
 *
 * DEN0137 A5.3.4. The RIPAS becomes RAM.
 *
 * Return: 0, -EEXIST if there is memory already, -ENOMEM, -EAGAIN if the RMM
 *	   has been busy for very long, -EIO if it refuses.
 */
int kvm_realm_map_initial(struct kvm *kvm, gpa_t gpa, kvm_pfn_t pfn,
			  struct page *src, bool measure)
{
	struct rmi_rtt_read_entry_out entry;
	struct rtt_range range = {
		.kvm		= kvm,
		.base		= gpa,
		.ipa		= gpa,
		.top		= gpa + PAGE_SIZE,
		.level		= RMI_RTT_LAST_LEVEL,
		.pa		= PFN_PHYS(pfn),
		.src		= page_to_phys(src),
		.measure	= measure,
	};
	int ret;

	lockdep_assert_held(&kvm->arch.realm->lock);

	if (!rtt_read_entry(kvm, gpa, &entry))
		return -EIO;
	if (entry.state == RMI_RTTE_DATA)
		return -EEXIST;

	ret = realm_map_private(&range, rtt_map_initial_step, "RTT_DATA_MAP_INIT");

	/* Contents come from the bottom up: this may be the last page of a block */
	if (!ret && IS_ALIGNED(range.top, RTT_BLOCK_BYTES) &&
	    IS_ALIGNED(range.pa + PAGE_SIZE, RTT_BLOCK_BYTES))
		rtt_fold_pages(kvm, range.top - RTT_BLOCK_BYTES);
	return ret;
}

/* The VMM can resolve this, or at least find out about it */
static int realm_memory_fault(struct kvm_vcpu *vcpu,
			      const struct kvm_realm_fault *fault)
{
	gpa_t gpa = kvm_realm_ipa_to_gpa(vcpu->kvm, fault->ipa);

	kvm_prepare_memory_fault_exit(vcpu, ALIGN_DOWN(gpa, PAGE_SIZE), PAGE_SIZE,
				      fault->write, fault->exec,
				      !kvm_realm_ipa_is_shared(vcpu->kvm, fault->ipa));
	return -EFAULT;
}

/*
 * The block that @gfn is in has to be in the memslot, be @attrs in all of it, and
 * be aligned for the host as it is for the realm.
 */
static bool realm_block_fits(struct kvm *kvm, struct kvm_memory_slot *slot, gfn_t gfn,
			     kvm_pfn_t pfn, unsigned long attrs)
{
	gfn_t start = ALIGN_DOWN(gfn, RTT_BLOCK_PAGES);

	return RTT_BLOCK_PAGES > 1 && !((gfn ^ pfn) % RTT_BLOCK_PAGES) &&
	       start >= slot->base_gfn &&
	       start + RTT_BLOCK_PAGES <= slot->base_gfn + slot->npages &&
	       kvm_range_has_memory_attributes(kvm, start, start + RTT_BLOCK_PAGES,
					       KVM_MEMORY_ATTRIBUTE_PRIVATE, attrs);
}

static kvm_pfn_t realm_next_folio(kvm_pfn_t pfn)
{
	struct folio *folio = page_folio(pfn_to_page(pfn));

	return folio_pfn(folio) + folio_nr_pages(folio);
}

static void realm_unlock_folios(kvm_pfn_t pfn, kvm_pfn_t end)
{
	kvm_pfn_t next;

	for (; pfn < end; pfn = next) {
		struct folio *folio = page_folio(pfn_to_page(pfn));

		next = realm_next_folio(pfn);
		folio_unlock(folio);
		folio_put(folio);
	}
}

/*
 * Lock the folios of guest_memfd from @gfn on, as long as they are those from
 * @pfn on, up to @end. Everybody who locks several does so from the bottom up.
 * Returns the pfn after the last one that is locked.
 */
static kvm_pfn_t realm_lock_folios(struct kvm *kvm, struct kvm_memory_slot *slot,
				   gfn_t gfn, kvm_pfn_t pfn, kvm_pfn_t end)
{
	kvm_pfn_t this, next;
	struct page *page;

	for (; pfn < end; gfn += next - pfn, pfn = next) {
		if (kvm_gmem_get_pfn(kvm, slot, gfn, &this, &page, NULL))
			break;
		if (this != pfn) {
			put_page(page);
			break;
		}
		next = realm_next_folio(pfn);
		folio_lock(page_folio(page));
	}
	return pfn;
}

/*
 * Map the block around the page in @range. Returns false if that cannot be, or
 * is not known to be done.
 */
static bool realm_map_private_block(struct rtt_range *range, struct kvm_memory_slot *slot)
{
	struct rtt_range block = {
		.kvm		= range->kvm,
		.base		= ALIGN_DOWN(range->base, RTT_BLOCK_BYTES),
		.pa		= ALIGN_DOWN(range->pa, RTT_BLOCK_BYTES),
		.level		= RTT_BLOCK_LEVEL,
		.mmu_seq	= range->mmu_seq,
	};
	kvm_pfn_t pfn = PHYS_PFN(block.pa);
	kvm_pfn_t end = pfn + RTT_BLOCK_PAGES;
	struct rmi_rtt_read_entry_out entry;
	struct kvm *kvm = range->kvm;
	kvm_pfn_t locked;
	int ret = -EEXIST;

	block.ipa = block.base;
	block.top = block.base + RTT_BLOCK_BYTES;

	if (!realm_block_fits(kvm, slot, gpa_to_gfn(range->base), PHYS_PFN(range->pa),
			      KVM_MEMORY_ATTRIBUTE_PRIVATE) ||
	    !rtt_read_entry(kvm, block.base, &entry) || entry.state != RMI_RTTE_VOID)
		return false;

	locked = realm_lock_folios(kvm, slot, gpa_to_gfn(block.base), pfn, end);
	if (locked < end)
		goto out_unlock;

	/* Once there were pages, but maybe they are all gone */
	if (entry.walk_level > block.level)
		rtt_fold_pages(kvm, block.base);

	ret = rtt_check_block(&block);
	if (ret)
		goto out_unlock;

	ret = rtt_account_block(kvm);
	if (ret)
		goto out_unlock;

	ret = realm_map_private(&block, rtt_map_private_step, "RTT_DATA_MAP");
	if (ret)
		atomic64_dec(&kvm->stat.realm_private_blocks);
out_unlock:
	realm_unlock_folios(pfn, locked);
	return !ret;
}

static int realm_private_fault(struct kvm_vcpu *vcpu, struct kvm_memory_slot *slot,
			       const struct kvm_realm_fault *fault)
{
	struct rmi_rtt_read_entry_out entry;
	struct kvm *kvm = vcpu->kvm;
	gfn_t gfn = gpa_to_gfn(fault->ipa);
	struct rtt_range range = {
		.kvm	= kvm,
		.base	= gfn_to_gpa(gfn),
		.ipa	= gfn_to_gpa(gfn),
		.top	= gfn_to_gpa(gfn + 1),
		.level	= RMI_RTT_LAST_LEVEL,
	};
	struct folio *folio;
	struct page *page;
	kvm_pfn_t pfn;
	int ret;

	range.mmu_seq = kvm->mmu_invalidate_seq;
	/* Pairs with the smp_wmb() in kvm_mmu_invalidate_end() */
	smp_rmb();

	if (!slot || !kvm_slot_has_gmem(slot) || !kvm_mem_is_private(kvm, gfn))
		return realm_memory_fault(vcpu, fault);

	ret = kvm_gmem_get_pfn(kvm, slot, gfn, &pfn, &page, NULL);
	if (ret) {
		realm_memory_fault(vcpu, fault);
		return ret;
	}
	range.pa = PFN_PHYS(pfn);
	folio = page_folio(page);

	if (realm_map_private_block(&range, slot))
		goto out_put_page;

	/* Two vCPUs that fault on the same page must not both delegate it */
	folio_lock(folio);

	if (!rtt_read_entry(kvm, fault->ipa, &entry))
		ret = -EIO;
	else if (entry.ripas == RMI_RIPAS_DESTROYED)
		/* It would fault for ever: only the realm can change that */
		ret = realm_memory_fault(vcpu, fault);
	else if (entry.state != RMI_RTTE_DATA)
		ret = realm_map_private(&range, rtt_map_private_step, "RTT_DATA_MAP");

	folio_unlock(folio);
out_put_page:
	put_page(page);
	return ret;
}

/*
 * Shared memory
 */

/* What the realm may do, as the entry of the table says it */
static u64 rtt_need_s2ap(const struct rtt_range *range)
{
	return RTT_DESC_S2AP_R | (range->writable ? RTT_DESC_S2AP_W : 0);
}

/* The same for a call, where the two bits are in the other order */
static u64 rtt_call_s2ap(const struct rtt_range *range)
{
	return FIELD_PREP(RMI_RTT_UNPROT_MAP_FLAGS_S2AP, RMI_S2AP_DIRECT_READ |
			  (range->writable ? RMI_S2AP_DIRECT_WRITE : 0));
}

static bool rtt_shared_is_mapped(const struct rtt_range *range)
{
	u64 need = rtt_need_s2ap(range);
	struct rmi_rtt_read_entry_out entry;

	return rtt_read_entry(range->kvm, range->ipa, &entry) &&
	       entry.state == RMI_RTTE_DATA && entry.walk_level == range->level &&
	       (entry.desc & RTT_DESC_ADDR) == range->pa + (range->ipa - range->base) &&
	       (entry.desc & need) == need;
}

static void rtt_fault_lock(struct rtt_range *range)
{
	if (range->replace)
		write_lock(&range->kvm->mmu_lock);
	else
		read_lock(&range->kvm->mmu_lock);
}

static void rtt_fault_unlock(struct rtt_range *range)
{
	if (range->replace)
		write_unlock(&range->kvm->mmu_lock);
	else
		read_unlock(&range->kvm->mmu_lock);
}

static int rtt_map_shared_step(struct rtt_range *range, rmi_status_t *status,
			       gpa_t *out_top)
{
	u64 desc = rtt_range_desc(range, RMI_OP_MEM_UNDELEGATED);
	u64 flags = FIELD_PREP(RMI_RTT_UNPROT_MAP_FLAGS_OADDR_TYPE,
			       RMI_ADDR_TYPE_SINGLE) |
		    FIELD_PREP(RMI_RTT_UNPROT_MAP_FLAGS_MEMATTR, RTT_MEMATTR_NORMAL) |
		    rtt_call_s2ap(range);
	struct kvm *kvm = range->kvm;
	struct rmi_rtt_unprot_map_out out;
	struct arm_smccc_1_2_regs regs;
	int ret = -EAGAIN;

	rmi_rtt_unprot_map_encode(&regs, kvm->arch.realm->rd, range->ipa, range->top,
				  flags, desc);

	rtt_fault_lock(range);
	if (mmu_invalidate_retry(kvm, range->mmu_seq))
		goto out_unlock;

	/* Where a block goes, that takes a table out of the way too */
	if (range->replace && range->ipa == range->base)
		rtt_unmap(kvm, range->base, range->top, false);

	ret = rmi_run(&regs, GFP_ATOMIC);
	*status = rmi_rtt_unprot_map_decode(&regs, &out);
	*out_top = out.out_top;

	if (!ret && rmi_ok(*status) && range->level == RTT_BLOCK_LEVEL &&
	    rtt_is_block(kvm, range->ipa))
		atomic64_inc(&kvm->stat.realm_shared_blocks);

	/* The page may be dirtied from now on, and until it is unmapped */
	if (!ret && rmi_ok(*status) && out.out_top == range->top) {
		kvm_release_faultin_page(kvm, range->page, false, range->writable);
		range->page = NULL;
	}
out_unlock:
	rtt_fault_unlock(range);
	return ret;
}

/* Replaces what is mapped there, unless that is what is wanted */
static int realm_map_shared(struct rtt_range *range)
{
	int ret;

	for (;;) {
		ret = rtt_for_range(range, rtt_map_shared_step, "RTT_UNPROT_MAP");
		if (ret != -EEXIST)
			return ret;

		if (rtt_shared_is_mapped(range)) {
			range->ipa += RMI_RTT_LEVEL_BYTES(range->level);
		} else if (!range->replace) {
			range->replace = true;
			range->ipa = range->base;
		} else {
			realm_err(range->kvm, "cannot replace what is at %#llx\n",
				  range->ipa);
			return -EIO;
		}
	}
}

/*
 * A block has to be one for the host too. Returns the level of the entry, or a
 * negative error.
 */
static int realm_shared_level(struct kvm *kvm, struct kvm_memory_slot *slot,
			      gfn_t gfn, hva_t hva, kvm_pfn_t pfn)
{
	long size;

	if (!realm_block_fits(kvm, slot, gfn, pfn, 0) ||
	    (gfn ^ (hva >> PAGE_SHIFT)) % RTT_BLOCK_PAGES)
		return RMI_RTT_LAST_LEVEL;

	size = kvm_user_mapping_size(kvm, hva);
	if (size < 0)
		return size;
	return size >= RTT_BLOCK_BYTES ? RTT_BLOCK_LEVEL : RMI_RTT_LAST_LEVEL;
}

static int realm_map_shared_pfn(struct rtt_range *range, struct kvm_memory_slot *slot,
				gfn_t gfn, hva_t hva, kvm_pfn_t pfn)
{
	u64 bytes = PAGE_SIZE;

	range->level = realm_shared_level(range->kvm, slot, gfn, hva, pfn);
	if (range->level < 0)
		return range->level;
	if (range->level == RTT_BLOCK_LEVEL)
		bytes = RTT_BLOCK_BYTES;

	range->pa = ALIGN_DOWN(PFN_PHYS(pfn), bytes);
	range->base = ALIGN_DOWN(kvm_realm_gpa_to_shared_ipa(range->kvm, gfn_to_gpa(gfn)),
				 bytes);
	range->ipa = range->base;
	range->top = range->base + bytes;
	return realm_map_shared(range);
}

static int realm_shared_fault(struct kvm_vcpu *vcpu, struct kvm_memory_slot *slot,
			      const struct kvm_realm_fault *fault)
{
	struct kvm *kvm = vcpu->kvm;
	gfn_t gfn = gpa_to_gfn(kvm_realm_ipa_to_gpa(kvm, fault->ipa));
	struct rtt_range range = { .kvm = kvm };
	bool writable;
	kvm_pfn_t pfn;
	hva_t hva;
	int ret;

	range.mmu_seq = kvm->mmu_invalidate_seq;
	/* Pairs with the smp_wmb() in kvm_mmu_invalidate_end() */
	smp_rmb();

	if (!slot)
		return -ENOENT;
	if (kvm_mem_is_private(kvm, gfn))
		return realm_memory_fault(vcpu, fault);

	hva = gfn_to_hva_memslot_prot(slot, gfn, &writable);
	if (kvm_is_error_hva(hva) || (fault->write && !writable))
		return -ENOENT;

	/*
	 * The realm may write only to what the host may write to. A page that
	 * was only read so far, say, is still that of all zeroes.
	 */
	pfn = __kvm_faultin_pfn(slot, gfn, fault->write ? FOLL_WRITE : 0,
				&range.writable, &range.page);
	if (pfn == KVM_PFN_ERR_HWPOISON) {
		send_sig_mceerr(BUS_MCEERR_AR, (void __user *)hva, PAGE_SHIFT, current);
		return 0;
	}
	if (is_error_noslot_pfn(pfn))
		return realm_memory_fault(vcpu, fault);

	/* What is not memory has attributes that a realm is not given here */
	if (pfn_is_map_memory(pfn))
		ret = realm_map_shared_pfn(&range, slot, gfn, hva, pfn);
	else
		ret = realm_memory_fault(vcpu, fault);

	if (range.page)
		kvm_release_page_unused(range.page);
	return ret;
}

/**
 * kvm_realm_handle_fault() - Resolve a stage 2 abort of a realm
 * @vcpu: the vCPU that took it; kvm->srcu is held for reading
 * @fault: what is known of it
 *
 * Return: 1 to enter the REC again and have the access repeated. -ENOENT for an
 *	   unprotected IPA with no memory for such an access: no memslot, or a
 *	   write to a read-only one. -EFAULT with KVM_EXIT_MEMORY_FAULT when only
 *	   the VMM, if anybody, can do something about it. Another negative
 *	   error for KVM_RUN.
 */
int kvm_realm_handle_fault(struct kvm_vcpu *vcpu, const struct kvm_realm_fault *fault)
{
	bool shared = kvm_realm_ipa_is_shared(vcpu->kvm, fault->ipa);
	gpa_t gpa = kvm_realm_ipa_to_gpa(vcpu->kvm, fault->ipa);
	struct kvm_memory_slot *slot = gfn_to_memslot(vcpu->kvm, gpa_to_gfn(gpa));
	int ret;

	/* The memslot is about to change: wait for what comes of it */
	if (slot && (slot->flags & KVM_MEMSLOT_INVALID))
		return 1;

	if (shared)
		ret = realm_shared_fault(vcpu, slot, fault);
	else
		ret = realm_private_fault(vcpu, slot, fault);

	/* If the realm is off, the RMM will not enter the REC, and says so. */
	return !ret || ret == -EAGAIN || ret == -ESHUTDOWN ? 1 : ret;
}

/*
 * RIPAS changes
 */

static int rtt_init_ripas_step(struct rtt_range *range, rmi_status_t *status,
			       gpa_t *out_top)
{
	struct rmi_rtt_init_ripas_out out;
	struct arm_smccc_1_2_regs regs;
	int ret;

	rmi_rtt_init_ripas_encode(&regs, range->kvm->arch.realm->rd, range->ipa,
				  range->top);
	ret = rmi_run(&regs, GFP_KERNEL);
	*status = rmi_rtt_init_ripas_decode(&regs, &out);
	*out_top = out.out_top;
	return ret;
}

/* Leave out a granule that the RMM does not let be RAM */
static int rtt_skip_destroyed(struct rtt_range *range)
{
	struct rmi_rtt_read_entry_out entry;

	if (!rtt_read_entry(range->kvm, range->ipa, &entry) ||
	    entry.ripas != RMI_RIPAS_DESTROYED) {
		realm_err(range->kvm, "RTT_INIT_RIPAS at %#llx: refused\n",
			  range->ipa);
		return -EIO;
	}

	range->ipa += RMI_RTT_LEVEL_BYTES(RMI_RTT_LAST_LEVEL);
	return 0;
}

/**
 * kvm_realm_init_ripas() - Let a realm have memory from its start
 * @kvm: a realm in state KVM_REALM_NEW, realm->lock held
 * @base: first GPA, page aligned
 * @top: first GPA after it, in the protected half
 *
 * DEN0137 A5.2.4. The RIPAS becomes RAM. What was populated keeps its contents,
 * the rest reads as zeroes. What was populated and taken away again may stay
 * DESTROYED if the RMM insists on it, as if it was taken away from now on.
 *
 * Return: 0, -ENOMEM, -EAGAIN if the RMM has been busy for very long, -EIO if
 *	   it refuses.
 */
int kvm_realm_init_ripas(struct kvm *kvm, gpa_t base, gpa_t top)
{
	struct rtt_range range = {
		.kvm	= kvm,
		.ipa	= base,
		.top	= top,
		.level	= RMI_RTT_LAST_LEVEL,
	};
	int ret;

	lockdep_assert_held(&kvm->arch.realm->lock);

	while (range.ipa < range.top) {
		ret = rtt_for_range(&range, rtt_init_ripas_step, "RTT_INIT_RIPAS");
		if (ret == -EEXIST)
			ret = rtt_skip_destroyed(&range);
		if (ret)
			return ret;
	}
	return 0;
}

static int rtt_set_ripas_step(struct rtt_range *range, rmi_status_t *status,
			      gpa_t *out_top)
{
	struct rmi_rtt_set_ripas_out out;
	struct arm_smccc_1_2_regs regs;
	int ret;

	if (signal_pending(current))
		return -EINTR;

	rmi_rtt_set_ripas_encode(&regs, range->kvm->arch.realm->rd, range->rec,
				 range->ipa, range->top);
	ret = rmi_run(&regs, GFP_KERNEL);
	*status = rmi_rtt_set_ripas_decode(&regs, &out);
	*out_top = out.out_top;

	/* Not for want of a table: the realm does not want this entry changed */
	if (rmi_code(*status) == RMI_ERROR_RTT) {
		int level = min_t(int, rmi_index(*status), RMI_RTT_LAST_LEVEL);

		if (range->ipa == rtt_entry_base(range->ipa, level) &&
		    range->top >= rtt_entry_top(range->ipa, level))
			return -EEXIST;
	}
	return ret;
}

/**
 * kvm_realm_ripas_exit() - Handle a REC exit that asks for a RIPAS change
 * @vcpu: the vCPU that exited
 *
 * DEN0137 A4.3.5. The VMM is told which memory the realm wants to be private or
 * shared, and has until the next KVM_RUN to convert it.
 *
 * Return: -EFAULT with KVM_EXIT_MEMORY_FAULT; 1 to enter the REC again.
 */
int kvm_realm_ripas_exit(struct kvm_vcpu *vcpu)
{
	const struct rmi_rec_exit *exit = &vcpu->arch.rec->run->exit;
	struct kvm_rec *rec = vcpu->arch.rec;

	if (exit->ripas_base >= exit->ripas_top ||
	    exit->ripas_top > kvm_realm_shared_bit(vcpu->kvm) ||
	    (exit->ripas_value != RMI_RIPAS_RAM &&
	     exit->ripas_value != RMI_RIPAS_EMPTY)) {
		rec->entry_flags |= FIELD_PREP(RMI_REC_ENTER_FLAGS_RIPAS_RESPONSE,
					       RMI_RESPONSE_REJECT);
		return 1;
	}

	rec->ripas.base = exit->ripas_base;
	rec->ripas.top = exit->ripas_top;
	rec->ripas.pending = true;

	kvm_prepare_memory_fault_exit(vcpu, exit->ripas_base,
				      exit->ripas_top - exit->ripas_base, false, false,
				      exit->ripas_value == RMI_RIPAS_RAM);
	return -EFAULT;
}

/**
 * kvm_realm_ripas_commit() - Make the RIPAS change that a REC asked for
 * @vcpu: vCPU with a change pending, not entered since; may sleep
 *
 * DEN0137 A5.4. What cannot be changed is for the realm to find out.
 *
 * Return: 1 to enter the REC, -EINTR with KVM_EXIT_INTR if a signal came first,
 *	   another negative error for KVM_RUN. The change stays pending then.
 */
int kvm_realm_ripas_commit(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	struct rtt_range range = {
		.kvm	= vcpu->kvm,
		.ipa	= rec->ripas.base,
		.top	= rec->ripas.top,
		.level	= RMI_RTT_LAST_LEVEL,
		.rec	= rec->pa,
	};
	int ret;

	do {
		ret = rtt_for_range(&range, rtt_set_ripas_step, "RTT_SET_RIPAS");
	} while (ret == -EAGAIN);

	rec->ripas.base = range.ipa;
	if (ret == -EINTR) {
		vcpu->run->exit_reason = KVM_EXIT_INTR;
		vcpu->stat.signal_exits++;
		return ret;
	}
	if (ret && ret != -EEXIST && ret != -ESHUTDOWN)
		return ret;

	rec->ripas.pending = false;
	return 1;
}
