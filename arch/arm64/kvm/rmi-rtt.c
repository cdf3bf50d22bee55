// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage 2 of a realm.
 *
 * The tables (RTTs) belong to the RMM, DEN0137 A5.6. The host provides the
 * memory for them, and asks for entries to be made and removed, one range of
 * IPAs at a time.
 *
 * A page of guest_memfd is delegated to the RMM when it is first mapped at a
 * protected IPA, and stays so until its folio is freed. Delegation and freeing
 * of the same page are kept apart by its folio lock, mapping and invalidation by
 * mmu_lock, as for any VM. Tables are only added while vCPUs run: the RMM sorts
 * out two vCPUs that bring the same one. They go away with the realm.
 *
 * Commands on the tables are made with mmu_lock held, and then rmi_try() bounds
 * the time that takes. If the RMM is busy with something else, which may last,
 * the lock is dropped: a fault is tried again, unmapping waits. A command that
 * is under way must be finished first. That is done without the lock, too, and
 * everybody who wants to unmap something waits for it, see @in_flight of struct
 * kvm_realm. Unmapping does one table of pages or one block at a time.
 *
 * Where memory is contiguous and aligned it is mapped as a block, without a
 * table of pages. Such a table may be needed later to unmap a part, at a time
 * when none can be allocated: for each block of private memory one is kept.
 * Blocks are made with mmu_lock held, and tables of pages are brought with it
 * held for writing, because that splits a block.
 */

#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/kvm_host.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>

#include <asm/kvm_mmu.h>
#include <asm/kvm_rmi.h>
#include <asm/rmi.h>

#define CREATE_TRACE_POINTS
#include "trace_rmi.h"

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
 * @in_flight:	a command was finished without mmu_lock
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
	bool		in_flight;
	phys_addr_t	rec;
	phys_addr_t	src;
	bool		measure;
};

/*
 * One RMI command for as much of [@range->ipa, @range->top) as the RMM does at
 * a time. Returns 0 with the answer in @status, and in @out_top how far it
 * went; -EBUSY if it is to be tried again; or another negative error when the
 * command was not issued or not finished.
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

static int rtt_error(struct kvm *kvm, const char *what, gpa_t ipa,
		     rmi_status_t status)
{
	/* A vCPU has turned the realm off: it can only be torn down. */
	if (rmi_code(status) == RMI_ERROR_REALM &&
	    kvm_realm_state(kvm) == KVM_REALM_ACTIVE)
		return -ESHUTDOWN;

	realm_err(kvm, "%s at %#llx: %s\n", what, ipa, rmi_status_name(status));
	return -EIO;
}

/* Returns 0, -EBUSY if others are in the way, -EIO if the RMM refuses */
static int rtt_read_entry(struct kvm *kvm, gpa_t ipa,
			  struct rmi_rtt_read_entry_out *entry)
{
	struct arm_smccc_1_2_regs regs;
	int ret;

	rmi_rtt_read_entry_encode(&regs, kvm->arch.realm->rd,
				  ALIGN_DOWN(ipa, RMI_GRANULE_BYTES),
				  RMI_RTT_LAST_LEVEL);
	ret = rmi_try(&regs);
	if (ret)
		return ret == -EBUSY ? ret : -EIO;
	if (!rmi_ok(rmi_rtt_read_entry_decode(&regs, entry)) ||
	    entry->walk_level > RMI_RTT_LAST_LEVEL)
		return -EIO;
	return 0;
}

/* The same without mmu_lock: waits until there is an answer, or a signal */
static int rtt_read_entry_wait(struct kvm *kvm, gpa_t ipa,
			       struct rmi_rtt_read_entry_out *entry)
{
	unsigned int tries = 0;
	int ret;

	while ((ret = rtt_read_entry(kvm, ipa, entry)) == -EBUSY) {
		if (signal_pending(current))
			return -EINTR;
		rmi_pause(&tries);
	}
	return ret;
}

static bool rtt_is_block(const struct rmi_rtt_read_entry_out *entry)
{
	return entry->state == RMI_RTTE_DATA && entry->walk_level == RTT_BLOCK_LEVEL;
}

/* There are @nr more blocks in the half of @ipa, or fewer */
static void rtt_count_blocks(struct kvm *kvm, gpa_t ipa, long nr)
{
	struct kvm_realm *realm = kvm->arch.realm;

	if (kvm_realm_ipa_is_shared(kvm, ipa)) {
		atomic64_add(nr, &kvm->stat.realm_shared_blocks);
		return;
	}

	guard(spinlock)(&realm->kept_lock);
	realm->nr_blocks += nr;
	atomic64_set(&kvm->stat.realm_private_blocks, realm->nr_blocks);
}

/* What was unmapped, as an unmapping command returns it in @desc */
static void rtt_count_unmapped(struct kvm *kvm, gpa_t ipa, u64 desc)
{
	if (FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_SIZE, desc) ==
	    RMI_RTT_LAST_LEVEL - RTT_BLOCK_LEVEL)
		rtt_count_blocks(kvm, ipa,
				 -(long)FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_COUNT, desc));
}

static void rtt_lock(struct kvm *kvm, bool write)
{
	if (write)
		write_lock(&kvm->mmu_lock);
	else
		read_lock(&kvm->mmu_lock);
}

static void rtt_unlock(struct kvm *kvm, bool write)
{
	if (write)
		write_unlock(&kvm->mmu_lock);
	else
		read_unlock(&kvm->mmu_lock);
}

/*
 * Run a command with mmu_lock held, for writing or not. If it cannot be finished
 * at once, the lock is dropped meanwhile, and *@in_flight set: then the caller
 * has to call rtt_landed() before it drops the lock for good.
 *
 * Returns -EBUSY if nothing was done.
 */
static int rtt_run_locked(struct kvm *kvm, struct arm_smccc_1_2_regs *regs, bool write,
			  bool *in_flight)
{
	int ret = rmi_try(regs);

	if (ret != -EINPROGRESS)
		return ret;

	atomic_inc(&kvm->arch.realm->in_flight);
	*in_flight = true;
	rtt_unlock(kvm, write);
	ret = rmi_finish(regs, GFP_KERNEL_ACCOUNT);
	rtt_lock(kvm, write);
	return ret;
}

static void rtt_landed(struct kvm *kvm, bool *in_flight)
{
	if (*in_flight)
		atomic_dec(&kvm->arch.realm->in_flight);
	*in_flight = false;
}

/*
 * Tables that the host has, delegated. There is one for each block of private
 * memory, to split it with; those beyond that are spare.
 */

static void rtt_keep_table(struct kvm_realm *realm, phys_addr_t rtt)
{
	guard(spinlock)(&realm->kept_lock);
	list_add(&phys_to_page(rtt)->lru, &realm->kept_tables);
	realm->nr_kept_tables++;
}

/* Returns 0 if there is none */
static phys_addr_t rtt_take_table(struct kvm_realm *realm, bool spare)
{
	struct page *page;

	guard(spinlock)(&realm->kept_lock);
	if (spare && realm->nr_kept_tables <= realm->nr_blocks)
		return 0;
	page = list_first_entry_or_null(&realm->kept_tables, struct page, lru);
	if (!page)
		return 0;
	list_del(&page->lru);
	realm->nr_kept_tables--;
	return page_to_phys(page);
}

/* Give spare tables back to the host. May sleep. */
static void rtt_free_spare_tables(struct kvm_realm *realm)
{
	phys_addr_t rtt;

	while ((rtt = rtt_take_table(realm, true)))
		rmi_free_granules(rtt, 1);
}

static void rtt_encode_create(struct kvm *kvm, struct arm_smccc_1_2_regs *regs,
			      phys_addr_t rtt, gpa_t ipa, int level)
{
	rmi_rtt_create_encode(regs, kvm->arch.realm->rd, rtt,
			      rtt_entry_base(ipa, level - 1), level);
}

/* Put a table of pages in the place of the entry for @ipa, which may be a block */
static int rtt_create_last(struct kvm *kvm, struct arm_smccc_1_2_regs *regs, gpa_t ipa,
			   bool *in_flight)
{
	struct rmi_rtt_read_entry_out entry;
	struct rmi_rtt_create_out out;
	int ret;

	lockdep_assert_held_write(&kvm->mmu_lock);

	ret = rtt_read_entry(kvm, ipa, &entry);
	if (ret)
		return ret;

	ret = rtt_run_locked(kvm, regs, true, in_flight);
	if (!ret && rmi_ok(rmi_rtt_create_decode(regs, &out)) && rtt_is_block(&entry))
		rtt_count_blocks(kvm, ipa, -1);
	return ret;
}

static int rtt_run_create(struct kvm *kvm, struct arm_smccc_1_2_regs *regs, gpa_t ipa,
			  int level)
{
	bool in_flight = false;
	int ret;

	if (level < RMI_RTT_LAST_LEVEL)
		return rmi_run_interruptible(regs, GFP_KERNEL_ACCOUNT);

	write_lock(&kvm->mmu_lock);
	ret = rtt_create_last(kvm, regs, ipa, &in_flight);
	rtt_landed(kvm, &in_flight);
	write_unlock(&kvm->mmu_lock);
	return ret;
}

static int rtt_create_table(struct kvm *kvm, gpa_t ipa, int level)
{
	struct kvm_realm *realm = kvm->arch.realm;
	struct rmi_rtt_create_out out;
	struct arm_smccc_1_2_regs regs;
	rmi_status_t status;
	phys_addr_t rtt;
	int ret;

	rtt = rtt_take_table(realm, true) ?: rmi_alloc_granules(1, GFP_KERNEL_ACCOUNT);
	if (!rtt)
		return -ENOMEM;

	rtt_encode_create(kvm, &regs, rtt, ipa, level);
	ret = rtt_run_create(kvm, &regs, ipa, level);
	if (ret == -EBUSY) {
		/* It will be wanted again in a moment */
		rtt_keep_table(realm, rtt);
		return ret;
	}

	status = rmi_rtt_create_decode(&regs, &out);
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
 * Ask the RMM, bring the table that is missing, go on. Waits for whatever is in
 * the way, without a lock.
 *
 * Returns 0 when the whole range is done, -EEXIST when there is an entry of
 * another kind in the way at @range->ipa, -EINTR for a signal, or another
 * negative error.
 */
static int rtt_for_range(struct rtt_range *range, rtt_step_t step, const char *what)
{
	unsigned int tries = 0, pauses = 0;
	rmi_status_t status;
	int ret;

	while (range->ipa < range->top) {
		gpa_t out_top = range->ipa;

		cond_resched();
		ret = step(range, &status, &out_top);
		if (!ret && rmi_ok(status) && out_top > range->ipa && out_top <= range->top) {
			range->ipa = out_top;
			tries = 0;
			pauses = 0;
			continue;
		}

		if (!ret && rmi_code(status) == RMI_ERROR_RTT && ++tries <= RTT_MAX_TRIES) {
			if (rmi_index(status) >= range->level)
				return -EEXIST;
			ret = rtt_create_table(range->kvm, range->ipa,
					       rmi_index(status) + 1);
			if (!ret)
				continue;
			tries--;
		} else if (!ret && rmi_ok(status) && out_top == range->ipa) {
			/* There was an interrupt first */
			ret = -EBUSY;
		}

		if (!ret)
			return rtt_error(range->kvm, what, range->ipa, status);
		if (ret != -EBUSY)
			return ret;
		if (signal_pending(current))
			return -EINTR;
		rmi_pause(&pauses);
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
 * Blocks of private memory
 */

/*
 * Count one more block of private memory, and see to it that there is a table
 * to split it with.
 */
static int rtt_account_block(struct kvm *kvm)
{
	struct kvm_realm *realm = kvm->arch.realm;
	phys_addr_t rtt;
	bool enough;

	rtt_count_blocks(kvm, 0, 1);
	scoped_guard(spinlock, &realm->kept_lock)
		enough = realm->nr_blocks <= realm->nr_kept_tables;
	if (enough)
		return 0;

	rtt = rmi_alloc_granules(1, GFP_KERNEL_ACCOUNT);
	if (!rtt) {
		rtt_count_blocks(kvm, 0, -1);
		return -ENOMEM;
	}

	rtt_keep_table(realm, rtt);
	return 0;
}

/*
 * Remove the table of pages at @ipa if all its entries are what one entry can
 * say: a block, when @block, or nothing. Folding only saves memory and time, so
 * nothing is done if the RMM is busy.
 */
static void rtt_fold_pages(struct kvm *kvm, gpa_t ipa, bool block)
{
	struct kvm_realm *realm = kvm->arch.realm;
	struct rmi_rtt_fold_out out;
	struct arm_smccc_1_2_regs regs;
	bool in_flight = false;

	rmi_rtt_fold_encode(&regs, realm->rd, ipa, RMI_RTT_LAST_LEVEL);

	read_lock(&kvm->mmu_lock);
	if (!rtt_run_locked(kvm, &regs, false, &in_flight) &&
	    rmi_ok(rmi_rtt_fold_decode(&regs, &out))) {
		if (block)
			rtt_count_blocks(kvm, ipa, 1);
		rtt_keep_table(realm, out.rtt);
	}
	rtt_landed(kvm, &in_flight);
	read_unlock(&kvm->mmu_lock);

	rtt_free_spare_tables(realm);
}

/*
 * Unmapping
 */

/**
 * struct rtt_unmap - what is to be unmapped
 * @kvm:	the realm; mmu_lock is held for writing, but is dropped while the
 *		RMM is busy with something else
 * @ipa:	first IPA that is not done yet
 * @top:	end of the range, in the same half of the IPA space
 * @may_block:	sleep while mmu_lock is dropped
 * @tries:	how often nothing came of a command
 * @pauses:	how often the RMM was busy
 * @calls:	RMI commands since mmu_lock could last be dropped
 * @granules:	granules they unmapped
 */
struct rtt_unmap {
	struct kvm	*kvm;
	gpa_t		ipa;
	gpa_t		top;
	bool		may_block;
	unsigned int	tries;
	unsigned int	pauses;
	unsigned int	calls;
	unsigned int	granules;
};

static void rtt_unmap_account(struct rtt_unmap *unmap)
{
	if (unmap->calls)
		trace_kvm_realm_unmap(unmap->calls, unmap->granules, unmap->may_block);
	unmap->calls = 0;
	unmap->granules = 0;
}

/* Let others get on. Whoever must not sleep can at least be preempted. */
static void rtt_unmap_wait(struct rtt_unmap *unmap)
{
	rtt_unmap_account(unmap);
	write_unlock(&unmap->kvm->mmu_lock);
	if (unmap->may_block)
		rmi_pause(&unmap->pauses);
	else
		udelay(1);
	write_lock(&unmap->kvm->mmu_lock);
}

/* A command that is under way is completed before anything else is unmapped */
static void rtt_unmap_begin(struct rtt_unmap *unmap)
{
	lockdep_assert_held_write(&unmap->kvm->mmu_lock);

	while (atomic_read(&unmap->kvm->arch.realm->in_flight))
		rtt_unmap_wait(unmap);
}

/* Returns true if @unmap is to go on, from its @ipa. */
static bool rtt_unmap_resched(struct rtt_unmap *unmap)
{
	struct kvm *kvm = unmap->kvm;

	if (unmap->may_block) {
		rtt_unmap_account(unmap);
		cond_resched_rwlock_write(&kvm->mmu_lock);
	}
	return unmap->ipa < unmap->top;
}

static int rtt_unmap_finish(struct rtt_unmap *unmap, struct arm_smccc_1_2_regs *regs)
{
	struct kvm *kvm = unmap->kvm;
	int ret;

	atomic_inc(&kvm->arch.realm->in_flight);
	do {
		rtt_unmap_account(unmap);
		write_unlock(&kvm->mmu_lock);
		if (unmap->may_block)
			ret = rmi_finish(regs, GFP_KERNEL_ACCOUNT);
		else
			ret = rmi_try_finish(regs);
		write_lock(&kvm->mmu_lock);
	} while (ret == -EINPROGRESS);
	atomic_dec(&kvm->arch.realm->in_flight);
	return ret;
}

/* Returns 0 with an answer in @regs, -EIO if there is none */
static int rtt_unmap_run(struct rtt_unmap *unmap, struct arm_smccc_1_2_regs *regs)
{
	const struct arm_smccc_1_2_regs call = *regs;
	int ret;

	for (;;) {
		unmap->calls++;
		ret = rmi_try(regs);
		if (ret == -EINPROGRESS)
			ret = rtt_unmap_finish(unmap, regs);
		if (ret != -EBUSY && ret != -ENOMEM)
			return ret;
		*regs = call;
		rtt_unmap_wait(unmap);
	}
}

static int rtt_unmap_read_entry(struct rtt_unmap *unmap,
				struct rmi_rtt_read_entry_out *entry)
{
	int ret;

	for (;;) {
		unmap->calls++;
		ret = rtt_read_entry(unmap->kvm, unmap->ipa, entry);
		if (ret != -EBUSY)
			return ret;
		rtt_unmap_wait(unmap);
	}
}

/*
 * The quickest way to unmap all that a table of pages describes, and to skip
 * what has no table, is to destroy the table. The RMM allows that for shared
 * memory, where nothing is lost. Returns false if there is something else.
 */
static bool rtt_unmap_shared_table(struct rtt_unmap *unmap)
{
	struct kvm *kvm = unmap->kvm;
	struct rmi_rtt_destroy_out out;
	struct arm_smccc_1_2_regs regs;
	rmi_status_t status;
	gpa_t next;

	rmi_rtt_destroy_encode(&regs, kvm->arch.realm->rd, unmap->ipa, RMI_RTT_LAST_LEVEL);
	if (rtt_unmap_run(unmap, &regs))
		return false;
	status = rmi_rtt_destroy_decode(&regs, &out);
	next = rtt_entry_base(out.top, RTT_BLOCK_LEVEL);

	if (rmi_ok(status)) {
		/* It is given back later, where that may take its time */
		rtt_keep_table(kvm->arch.realm, out.rtt);
		unmap->granules += RTT_BLOCK_BYTES >> RMI_GRANULE_SHIFT;
		next = max(next, unmap->ipa + RTT_BLOCK_BYTES);
	} else if (rmi_code(status) != RMI_ERROR_RTT || next <= unmap->ipa) {
		return false;
	}

	unmap->ipa = next;
	return true;
}

/* Unmap something of [@unmap->ipa, @top), which is within a block */
static int rtt_unmap_once(struct rtt_unmap *unmap, gpa_t top, rmi_status_t *status,
			  gpa_t *out_top)
{
	const bool block = top - unmap->ipa == RTT_BLOCK_BYTES;
	const u64 flags = FIELD_PREP(RMI_RTT_UNMAP_FLAGS_OADDR_TYPE,
				     block ? RMI_ADDR_TYPE_SINGLE : RMI_ADDR_TYPE_NONE);
	struct kvm *kvm = unmap->kvm;
	struct rmi_rtt_unprot_unmap_out shared;
	struct rmi_rtt_data_unmap_out private;
	struct arm_smccc_1_2_regs regs;
	u64 desc;
	int ret;

	/* All but a block is done by fewer calls if it is not described */
	if (kvm_realm_ipa_is_shared(kvm, unmap->ipa)) {
		rmi_rtt_unprot_unmap_encode(&regs, kvm->arch.realm->rd, unmap->ipa, top,
					    flags, 0);
		ret = rtt_unmap_run(unmap, &regs);
		*status = rmi_rtt_unprot_unmap_decode(&regs, &shared);
		*out_top = shared.out_top;
		desc = shared.out_range;
	} else {
		rmi_rtt_data_unmap_encode(&regs, kvm->arch.realm->rd, unmap->ipa, top,
					  flags, 0);
		ret = rtt_unmap_run(unmap, &regs);
		*status = rmi_rtt_data_unmap_decode(&regs, &private);
		*out_top = private.out_top;
		desc = private.out_range;
	}

	if (!ret && rmi_ok(*status) && block)
		rtt_count_unmapped(kvm, unmap->ipa, desc);
	return ret;
}

/* The block of private memory at @ipa becomes pages, their contents stay */
static bool rtt_split_block(struct rtt_unmap *unmap, gpa_t ipa)
{
	struct kvm_realm *realm = unmap->kvm->arch.realm;
	phys_addr_t rtt = rtt_take_table(realm, false);
	struct arm_smccc_1_2_regs regs;
	bool in_flight = false;
	rmi_status_t status;
	int ret;

	if (!rtt && atomic_read(&realm->in_flight)) {
		/* Somebody may be about to split that block with its table */
		unmap->tries--;
		rtt_unmap_wait(unmap);
		return true;
	}
	if (!rtt) {
		realm_err(unmap->kvm, "no table for the block at %#llx\n", ipa);
		return false;
	}

	unmap->calls += 2;
	rtt_encode_create(unmap->kvm, &regs, rtt, ipa, RMI_RTT_LAST_LEVEL);
	ret = rtt_create_last(unmap->kvm, &regs, ipa, &in_flight);
	rtt_landed(unmap->kvm, &in_flight);
	status.raw = regs.a0;
	if (!ret && rmi_ok(status))
		return true;

	rtt_keep_table(realm, rtt);
	if (ret == -EBUSY || ret == -ENOMEM) {
		unmap->tries--;
		rtt_unmap_wait(unmap);
		return true;
	}

	/* While mmu_lock was dropped, somebody else has split or unmapped it */
	if (!ret && rmi_code(status) == RMI_ERROR_RTT)
		return true;

	realm_err(unmap->kvm, "cannot split the block at %#llx: %s\n", ipa,
		  rmi_status_name(status));
	return false;
}

/*
 * The RMM does not unmap what is at @unmap->ipa in one piece. Returns true if it
 * is worth to go on, with @ipa and @top of @unmap moved if need be.
 */
static bool rtt_unmap_obstacle(struct rtt_unmap *unmap)
{
	struct kvm *kvm = unmap->kvm;
	struct rmi_rtt_read_entry_out entry;
	gpa_t entry_base, entry_top;

	if (rtt_unmap_read_entry(unmap, &entry))
		return false;

	entry_base = rtt_entry_base(unmap->ipa, entry.walk_level);
	entry_top = rtt_entry_top(unmap->ipa, entry.walk_level);
	if (entry.state == RMI_RTTE_VOID) {
		unmap->ipa = entry_top;
		unmap->tries = 0;
		return true;
	}

	if (entry.state != RMI_RTTE_DATA ||
	    (entry_base == unmap->ipa && entry_top <= unmap->top))
		return false;

	/*
	 * A block that is only partly in the range. Shared memory is mapped
	 * again when it is accessed, so it can go as a whole. With private
	 * memory that is the end of the VM.
	 */
	if (!kvm_realm_ipa_is_shared(kvm, unmap->ipa)) {
		if (rtt_split_block(unmap, entry_base))
			return true;
		kvm_vm_dead(kvm);
	}

	unmap->top = max(unmap->top, entry_top);
	unmap->ipa = entry_base;
	return true;
}

/*
 * The RMM does not unmap what is there, and its owner is about to free it. It
 * must not be used by anybody else, so it is lost, and the VM ends here. Private
 * memory is found to be in use when it is undelegated.
 */
static void rtt_unmap_failed(struct rtt_unmap *unmap, rmi_status_t status)
{
	struct kvm *kvm = unmap->kvm;
	struct rmi_rtt_read_entry_out entry;
	phys_addr_t pa;

	realm_err(kvm, "cannot unmap %#llx: %s\n", unmap->ipa, rmi_status_name(status));
	kvm_vm_dead(kvm);
	unmap->tries = 0;

	if (rtt_unmap_read_entry(unmap, &entry)) {
		unmap->ipa = unmap->top;
		return;
	}

	if (entry.state == RMI_RTTE_DATA && kvm_realm_ipa_is_shared(kvm, unmap->ipa)) {
		pa = entry.desc & RTT_DESC_ADDR;
		rmi_leak(pa, pa + RMI_RTT_LEVEL_BYTES(entry.walk_level), status);
	}
	unmap->ipa = rtt_entry_top(unmap->ipa, entry.walk_level);
}

/* Unmap something from @unmap->ipa on, no more than a block, or find out why not. */
static void rtt_unmap_next(struct rtt_unmap *unmap)
{
	gpa_t block_top = rtt_entry_top(unmap->ipa, RTT_BLOCK_LEVEL);
	gpa_t next, top = min(unmap->top, block_top);
	rmi_status_t status;

	if (kvm_realm_ipa_is_shared(unmap->kvm, unmap->ipa) &&
	    top - unmap->ipa == RTT_BLOCK_BYTES && rtt_unmap_shared_table(unmap))
		return;

	if (!rtt_unmap_once(unmap, top, &status, &next)) {
		if (rmi_ok(status) && next > unmap->ipa && next <= top) {
			unmap->granules += (next - unmap->ipa) >> RMI_GRANULE_SHIFT;
			unmap->ipa = next;
			unmap->tries = 0;
			unmap->pauses = 0;
			return;
		}

		/* There was an interrupt first */
		if (rmi_ok(status) && next == unmap->ipa) {
			rtt_unmap_wait(unmap);
			return;
		}

		if (rmi_code(status) == RMI_ERROR_RTT && ++unmap->tries <= RTT_MAX_TRIES &&
		    rtt_unmap_obstacle(unmap))
			return;
	}
	rtt_unmap_failed(unmap, status);
}

/*
 * [@ipa, @top) is within one half of the IPA space. mmu_lock is held for
 * writing, and may be dropped in between, also if not @may_block.
 */
static void rtt_unmap(struct kvm *kvm, gpa_t ipa, gpa_t top, bool may_block)
{
	struct rtt_unmap unmap = {
		.kvm		= kvm,
		.ipa		= ipa,
		.top		= top,
		.may_block	= may_block,
	};

	if (ipa >= top)
		return;

	rtt_unmap_begin(&unmap);
	do {
		rtt_unmap_next(&unmap);
	} while (rtt_unmap_resched(&unmap));
	rtt_unmap_account(&unmap);

	if (may_block) {
		write_unlock(&kvm->mmu_lock);
		rtt_free_spare_tables(kvm->arch.realm);
		write_lock(&kvm->mmu_lock);
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
 * @may_block: may sleep while mmu_lock is dropped
 *
 * The contents of private memory are lost. mmu_lock may be dropped in between in
 * any case, so no more can be mapped in the range from now on, which is what
 * kvm_mmu_invalidate_start() is for, or an invalid memslot.
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

/* Returns where the next table of @level to destroy may be */
static gpa_t rtt_destroy_table(struct kvm *kvm, gpa_t ipa, int level)
{
	struct rmi_rtt_destroy_out out;
	struct arm_smccc_1_2_regs regs;
	rmi_status_t status;

	rmi_rtt_destroy_encode(&regs, kvm->arch.realm->rd, ipa, level);
	rmi_run(&regs, GFP_KERNEL);
	status = rmi_rtt_destroy_decode(&regs, &out);

	if (rmi_ok(status))
		rmi_free_granules(out.rtt, 1);
	else if (rmi_code(status) != RMI_ERROR_RTT)
		rtt_error(kvm, "RTT_DESTROY", ipa, status);

	return max(rtt_entry_base(out.top, level - 1), rtt_entry_top(ipa, level - 1));
}

/**
 * kvm_realm_destroy_tables() - Free all tables but the root, and those kept
 * @kvm: a realm with nothing mapped and no REC
 */
void kvm_realm_destroy_tables(struct kvm *kvm)
{
	gpa_t ipa, top = BIT_ULL(kvm->arch.realm->ipa_bits);
	phys_addr_t rtt;
	int level;

	for (level = RMI_RTT_LAST_LEVEL; level > kvm->arch.realm->start_level; level--) {
		for (ipa = 0; ipa < top; ipa = rtt_destroy_table(kvm, ipa, level))
			cond_resched();
	}

	while ((rtt = rtt_take_table(kvm->arch.realm, false)))
		rmi_free_granules(rtt, 1);
}

/*
 * Private memory
 */

/*
 * A page of guest_memfd that is delegated is marked as such (PG_checked), under its
 * folio lock, so that it is delegated once, and undelegated when it is freed.
 */

/* Returns the pfn after the last one of the run of delegated pages, or of others */
static kvm_pfn_t realm_run_end(kvm_pfn_t pfn, kvm_pfn_t end, bool delegated)
{
	while (pfn < end && folio_test_checked(page_folio(pfn_to_page(pfn))) == delegated)
		pfn++;
	return pfn;
}

/* Delegate what is not yet, of folios that are locked. */
static int realm_delegate(kvm_pfn_t pfn, kvm_pfn_t end)
{
	kvm_pfn_t next;
	int ret;

	while ((pfn = realm_run_end(pfn, end, true)) < end) {
		next = realm_run_end(pfn, end, false);
		ret = rmi_delegate(PFN_PHYS(pfn), PFN_PHYS(next));

		/* What stays delegated must not be cleared for its next use either */
		for (; pfn < next && (!ret || ret == -ENOTRECOVERABLE); pfn++) {
			struct folio *folio = page_folio(pfn_to_page(pfn));

			folio_mark_uptodate(folio);
			if (!ret)
				folio_set_checked(folio);
		}
		if (ret)
			return -EIO;
	}
	return 0;
}

static int realm_undelegate(struct folio *folio)
{
	phys_addr_t base = PFN_PHYS(folio_pfn(folio));

	folio_clear_checked(folio);
	return rmi_undelegate(base, base + folio_size(folio));
}

/**
 * kvm_arch_gmem_reclaim() - Memory of a guest_memfd is about to be freed
 * @pfn: first page of a folio
 * @nr_pages: its size
 *
 * The folio is locked and out of the page cache, and nothing of it is mapped
 * any more. This is called by truncation alone, because such folios are neither
 * written back, reclaimed nor migrated. So it may sleep.
 */
void kvm_arch_gmem_reclaim(kvm_pfn_t pfn, kvm_pfn_t nr_pages)
{
	struct folio *folio = page_folio(pfn_to_page(pfn));

	if (folio_test_checked(folio))
		realm_undelegate(folio);
}

/* With mmu_lock held nobody brings a table: what comes is a block or fails */
static int rtt_check_block(struct rtt_range *range)
{
	struct rmi_rtt_read_entry_out entry;
	int ret;

	if (range->level == RMI_RTT_LAST_LEVEL)
		return 0;

	ret = rtt_read_entry(range->kvm, range->ipa, &entry);
	if (ret)
		return ret;
	if (entry.state != RMI_RTTE_VOID || entry.walk_level > range->level ||
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
		ret = rtt_check_block(range) ?:
		      rtt_run_locked(kvm, &regs, false, &range->in_flight);
	rtt_landed(kvm, &range->in_flight);
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
	ret = rmi_run_interruptible(&regs, GFP_KERNEL_ACCOUNT);
	*status = rmi_rtt_data_map_init_decode(&regs, &out);
	*out_top = range->ipa + RMI_GRANULE_BYTES;
	return ret;
}

/* All of a page, or nothing of it. */
static int realm_map_private(struct rtt_range *range, rtt_step_t step, const char *what)
{
	struct kvm *kvm = range->kvm;
	int ret;

	ret = rtt_for_range(range, step, what);
	if (ret && range->ipa > range->base) {
		/* The first part, if a page has several granules, was mapped */
		write_lock(&kvm->mmu_lock);
		rtt_unmap(kvm, range->base, range->ipa, true);
		write_unlock(&kvm->mmu_lock);
	}
	return ret;
}

/*
 * Initial contents go to a page that nobody has cleared. So it is the host's
 * again if that fails, lest it be mapped as it is.
 */
static int realm_map_initial(struct rtt_range *range)
{
	struct folio *folio = page_folio(phys_to_page(range->pa));
	int ret;

	folio_lock(folio);
	ret = realm_delegate(folio_pfn(folio), folio_pfn(folio) + folio_nr_pages(folio));
	if (!ret) {
		ret = realm_map_private(range, rtt_map_initial_step, "RTT_DATA_MAP_INIT");
		if (ret && !realm_undelegate(folio))
			folio_clear_uptodate(folio);
	}
	folio_unlock(folio);
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
 * Return: 0, -EEXIST if there is memory already, -ENOMEM, -EINTR for a signal
 *	   while the RMM was busy, -EIO if it refuses.
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

	ret = rtt_read_entry_wait(kvm, gpa, &entry);
	if (ret)
		return ret;
	if (entry.state == RMI_RTTE_DATA)
		return -EEXIST;

	ret = realm_map_initial(&range);

	/* Contents come from the bottom up: this may be the last page of a block */
	if (!ret && IS_ALIGNED(range.top, RTT_BLOCK_BYTES) &&
	    IS_ALIGNED(range.pa + PAGE_SIZE, RTT_BLOCK_BYTES))
		rtt_fold_pages(kvm, range.top - RTT_BLOCK_BYTES, true);
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

static void realm_unlock_folios(kvm_pfn_t pfn, kvm_pfn_t end)
{
	for (; pfn < end; pfn++) {
		struct folio *folio = page_folio(pfn_to_page(pfn));

		folio_unlock(folio);
		folio_put(folio);
	}
}

/*
 * Lock the folios of guest_memfd from @gfn on, as long as they are those from
 * @pfn on, up to @end. Nothing is allocated: a page that the VMM has punched out
 * stays so. Everybody who locks several does so from the bottom up. Returns the
 * pfn after the last one that is locked.
 */
static kvm_pfn_t realm_lock_folios(struct kvm_memory_slot *slot, gfn_t gfn,
				   kvm_pfn_t pfn, kvm_pfn_t end)
{
	pgoff_t index = gfn - slot->base_gfn + slot->gmem.pgoff;
	struct file *file = get_file_active(&slot->gmem.file);

	if (!file)
		return pfn;

	for (; pfn < end; pfn++, index++) {
		struct folio *folio = filemap_lock_folio(file->f_mapping, index);

		if (IS_ERR(folio))
			break;
		if (folio_pfn(folio) != pfn || folio_test_large(folio) ||
		    folio_test_hwpoison(folio)) {
			folio_unlock(folio);
			folio_put(folio);
			break;
		}
		if (!folio_test_uptodate(folio)) {
			clear_highpage(folio_page(folio, 0));
			folio_mark_uptodate(folio);
		}
	}
	fput(file);
	return pfn;
}

/* All folios of the block are locked. */
static int realm_map_locked_block(struct rtt_range *block)
{
	kvm_pfn_t pfn = PHYS_PFN(block->pa);
	struct kvm *kvm = block->kvm;
	struct rmi_rtt_read_entry_out entry;
	int ret;

	ret = rtt_read_entry_wait(kvm, block->base, &entry);
	if (ret)
		return ret;
	if (entry.state != RMI_RTTE_VOID)
		return -EEXIST;

	/* Once there were pages, but maybe they are all gone */
	if (entry.walk_level > block->level)
		rtt_fold_pages(kvm, block->base, false);

	ret = rtt_check_block(block) ?: realm_delegate(pfn, pfn + RTT_BLOCK_PAGES);
	if (ret)
		return ret;

	ret = rtt_account_block(kvm);
	if (ret)
		return ret;

	ret = realm_map_private(block, rtt_map_private_step, "RTT_DATA_MAP");
	if (ret)
		rtt_count_blocks(kvm, block->base, -1);
	return ret;
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
	kvm_pfn_t locked;
	int ret = -EEXIST;

	block.ipa = block.base;
	block.top = block.base + RTT_BLOCK_BYTES;

	if (!realm_block_fits(range->kvm, slot, gpa_to_gfn(range->base),
			      PHYS_PFN(range->pa), KVM_MEMORY_ATTRIBUTE_PRIVATE) ||
	    rtt_read_entry_wait(range->kvm, block.base, &entry) ||
	    entry.state != RMI_RTTE_VOID)
		return false;

	locked = realm_lock_folios(slot, gpa_to_gfn(block.base), pfn, end);
	if (locked == end)
		ret = realm_map_locked_block(&block);
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
	if (folio->mapping)
		ret = realm_delegate(pfn, pfn + 1);
	else
		ret = -EAGAIN;
	folio_unlock(folio);
	if (ret)
		goto out_put_page;

	ret = rtt_read_entry_wait(kvm, fault->ipa, &entry);
	if (ret)
		goto out_put_page;

	if (entry.ripas == RMI_RIPAS_DESTROYED) {
		/* It would fault for ever: only the realm can change that */
		ret = realm_memory_fault(vcpu, fault);
	} else if (entry.state != RMI_RTTE_DATA) {
		ret = realm_map_private(&range, rtt_map_private_step, "RTT_DATA_MAP");
		/* Another vCPU was faster */
		if (ret == -EEXIST)
			ret = 0;
	}
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

/* Is there what is wanted? Returns 1 if so, 0 if not, or a negative error. */
static int rtt_shared_is_mapped(const struct rtt_range *range)
{
	u64 need = rtt_need_s2ap(range);
	struct rmi_rtt_read_entry_out entry;
	int ret;

	ret = rtt_read_entry_wait(range->kvm, range->ipa, &entry);
	if (ret)
		return ret;

	return entry.state == RMI_RTTE_DATA && entry.walk_level == range->level &&
	       (entry.desc & RTT_DESC_ADDR) == range->pa + (range->ipa - range->base) &&
	       (entry.desc & need) == need;
}

/*
 * Prepare for mapping @range with mmu_lock held. Where a block goes, that takes a
 * table out of the way too. Unmapping may drop mmu_lock.
 */
static int rtt_prepare_shared(struct rtt_range *range)
{
	struct kvm *kvm = range->kvm;

	if (mmu_invalidate_retry(kvm, range->mmu_seq))
		return -EAGAIN;
	if (range->replace && range->ipa == range->base) {
		rtt_unmap(kvm, range->base, range->top, true);
		if (mmu_invalidate_retry(kvm, range->mmu_seq))
			return -EAGAIN;
	}
	return rtt_check_block(range);
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
	int ret;

	rmi_rtt_unprot_map_encode(&regs, kvm->arch.realm->rd, range->ipa, range->top,
				  flags, desc);

	rtt_lock(kvm, range->replace);
	ret = rtt_prepare_shared(range) ?:
	      rtt_run_locked(kvm, &regs, range->replace, &range->in_flight);
	*status = rmi_rtt_unprot_map_decode(&regs, &out);
	*out_top = out.out_top;

	if (!ret && rmi_ok(*status) && out.out_top == range->top) {
		if (range->level == RTT_BLOCK_LEVEL)
			rtt_count_blocks(kvm, range->base, 1);

		/* The page may be dirtied from now on, and until it is unmapped */
		kvm_release_faultin_page(kvm, range->page, false, range->writable);
		range->page = NULL;
	}
	rtt_landed(kvm, &range->in_flight);
	rtt_unlock(kvm, range->replace);
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

		ret = rtt_shared_is_mapped(range);
		if (ret < 0)
			return ret;
		if (ret) {
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

	/*
	 * If the realm is off, the RMM will not enter the REC, and says so. For
	 * a signal KVM_RUN returns before the REC is entered.
	 */
	return !ret || ret == -EAGAIN || ret == -EINTR || ret == -ESHUTDOWN ? 1 : ret;
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
	ret = rmi_run_interruptible(&regs, GFP_KERNEL_ACCOUNT);
	*status = rmi_rtt_init_ripas_decode(&regs, &out);
	*out_top = out.out_top;
	return ret;
}

/* Leave out a granule that the RMM does not let be RAM */
static int rtt_skip_destroyed(struct rtt_range *range)
{
	struct rmi_rtt_read_entry_out entry;
	int ret;

	ret = rtt_read_entry_wait(range->kvm, range->ipa, &entry);
	if (ret)
		return ret;
	if (entry.ripas != RMI_RIPAS_DESTROYED) {
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
 * Return: 0, -ENOMEM, -EINTR for a signal while the RMM was busy, -EIO if it
 *	   refuses.
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
	ret = rmi_run_interruptible(&regs, GFP_KERNEL_ACCOUNT);
	*status = rmi_rtt_set_ripas_decode(&regs, &out);
	*out_top = out.out_top;

	/* Not for want of a table: the realm does not want this entry changed */
	if (!ret && rmi_code(*status) == RMI_ERROR_RTT) {
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

	ret = rtt_for_range(&range, rtt_set_ripas_step, "RTT_SET_RIPAS");

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
