// SPDX-License-Identifier: GPL-2.0-only
/*
 * Realm Management Interface (Arm DEN0137), the part that knows nothing of VMs.
 *
 * Finds and configures the Realm Management Monitor (RMM), runs its commands to
 * their end, and moves memory between the host and the RMM.
 *
 * The unit of the RMM is a granule of 4KB. The host's unit is a page, which may
 * hold several granules: a page that is handed over granule by granule carries
 * one page reference per granule, so that it is freed when the last one is
 * back. A granule the RMM does not give back keeps its reference for ever:
 * the page is lost, but nobody runs into a granule protection fault.
 */
#define pr_fmt(fmt) "RMI: " fmt

#include <linux/arm-smccc.h>
#include <linux/atomic.h>
#include <linux/bitfield.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/printk.h>

#include <asm/rmi.h>
#include <asm/virt.h>

/*
 * How long the RMM may answer that it makes no progress. An RMM is never busy
 * for long on its own account: what it waits for is another CPU that is in the
 * RMM too, or that has to continue an operation it began.
 */
#define RMI_ATOMIC_TIMEOUT_US	(100 * USEC_PER_MSEC)
#define RMI_TIMEOUT_US		(5 * USEC_PER_SEC)

#define RMI_FEATURE_REGISTERS	5

/* Descriptors that fit into a list of one granule */
#define RMI_LIST_ENTRIES	(RMI_GRANULE_BYTES / sizeof(u64))

/*
 * Addresses in descriptors, and those of commands, have 48 bits. More would
 * take FEAT_LPA2 at stage 2, which is not used here.
 */
#define RMI_MAX_PA	((phys_addr_t)RMI_ADDR_RANGE_DESC4_KB_ADDR | (RMI_GRANULE_BYTES - 1))

static bool rmi_available __ro_after_init;
static u64 rmi_feature_regs[RMI_FEATURE_REGISTERS] __ro_after_init;

/* In granules. What is leaked is also counted as delegated. */
static atomic64_t rmi_delegated = ATOMIC64_INIT(0);
static atomic64_t rmi_leaked = ATOMIC64_INIT(0);

/**
 * rmi_is_available() - Tell whether there is an RMM that can run realms
 *
 * Return: true once the RMM was found, is compatible and has been activated.
 */
bool rmi_is_available(void)
{
	return rmi_available;
}

/**
 * rmi_feature_register() - Get a feature register of the RMM
 * @index: its number
 *
 * DEN0137 B4.6.26 and following.
 *
 * Return: the value, 0 for a register this kernel does not know.
 */
u64 rmi_feature_register(unsigned int index)
{
	return index < RMI_FEATURE_REGISTERS ? rmi_feature_regs[index] : 0;
}

/*
 * Waiting for the RMM
 */

struct rmi_wait {
	ktime_t	deadline;
	bool	may_sleep;
};

static void rmi_wait_start(struct rmi_wait *wait, gfp_t gfp)
{
	wait->may_sleep = gfpflags_allow_blocking(gfp);
	wait->deadline = ktime_add_us(ktime_get(), wait->may_sleep ?
				      RMI_TIMEOUT_US : RMI_ATOMIC_TIMEOUT_US);
}

/* Returns false when it has been long enough */
static bool rmi_wait(struct rmi_wait *wait)
{
	if (ktime_after(ktime_get(), wait->deadline))
		return false;
	if (wait->may_sleep)
		usleep_range(20, 100);
	else
		udelay(1);
	return true;
}

static rmi_status_t rmi_regs_status(const struct arm_smccc_1_2_regs *regs)
{
	return (rmi_status_t) { .raw = regs->a0 };
}

/* The call in @regs, again and again while another operation is in its way */
static void rmi_smc_wait(struct arm_smccc_1_2_regs *regs, gfp_t gfp)
{
	const struct arm_smccc_1_2_regs call = *regs;
	struct rmi_wait wait;
	unsigned long code;

	rmi_smc(regs);
	code = rmi_code(rmi_regs_status(regs));
	if (likely(code != RMI_BUSY && code != RMI_BLOCKED))
		return;

	rmi_wait_start(&wait, gfp);
	do {
		*regs = call;
		rmi_smc(regs);
		code = rmi_code(rmi_regs_status(regs));
	} while ((code == RMI_BUSY || code == RMI_BLOCKED) && rmi_wait(&wait));
}

/*
 * Memory that is handed over granule by granule
 */

static void rmi_put_granules(phys_addr_t base, unsigned long nr_granules)
{
	while (nr_granules--) {
		put_page(phys_to_page(base));
		base += RMI_GRANULE_BYTES;
	}
}

/*
 * Contiguous granules, with one page reference for each. Aligned to their total
 * size when that is a power of two.
 */
static phys_addr_t rmi_get_granules(unsigned long nr_granules, gfp_t gfp)
{
	size_t bytes = PAGE_ALIGN(nr_granules * RMI_GRANULE_BYTES);
	struct page *page = NULL;
	phys_addr_t base, pa;

	if (get_order(bytes) <= MAX_PAGE_ORDER) {
		void *va = alloc_pages_exact(bytes, gfp | __GFP_NOWARN);

		page = va ? virt_to_page(va) : NULL;
#ifdef CONFIG_CONTIG_ALLOC
	} else if (gfpflags_allow_blocking(gfp)) {
		page = alloc_contig_pages(bytes >> PAGE_SHIFT, gfp | __GFP_NOWARN,
					  numa_node_id(), NULL);
#endif
	}
	if (!page)
		return 0;

	base = page_to_phys(page);
	for (pa = base; pa < base + nr_granules * RMI_GRANULE_BYTES;
	     pa += RMI_GRANULE_BYTES) {
		if (!PAGE_ALIGNED(pa))
			get_page(phys_to_page(pa));
	}
	return base;
}

/* A reference that nobody drops, so that nobody uses the page either */
static void rmi_leak_granule(phys_addr_t base, rmi_status_t status)
{
	get_page(phys_to_page(base));
	atomic64_inc(&rmi_leaked);
	pr_err_ratelimited("granule %pa is lost to the RMM: %s\n", &base,
			   rmi_status_name(status));
}

/*
 * Returns RMI_INCOMPLETE if the state of memory from *@base on is not known,
 * because the operation on it was abandoned.
 */
static rmi_status_t rmi_move_range(phys_addr_t *base, phys_addr_t top,
				   bool delegate, gfp_t gfp)
{
	struct rmi_granule_range_undelegate_out undelegated;
	struct rmi_granule_range_delegate_out delegated;
	struct arm_smccc_1_2_regs regs;
	unsigned long out_top;
	rmi_status_t status;
	s64 granules;

	/* How much is done by one call is for the RMM to choose, DEN0137 A2.3.6.2 */
	while (*base < top) {
		if (delegate)
			rmi_granule_range_delegate_encode(&regs, *base, top);
		else
			rmi_granule_range_undelegate_encode(&regs, *base, top);

		if (rmi_run(&regs, gfp))
			return rmi_status(RMI_INCOMPLETE, 0);

		if (delegate) {
			status = rmi_granule_range_delegate_decode(&regs, &delegated);
			out_top = delegated.out_top;
		} else {
			status = rmi_granule_range_undelegate_decode(&regs, &undelegated);
			out_top = undelegated.out_top;
		}
		if (!rmi_ok(status))
			return status;
		if (out_top <= *base || out_top > top)
			return rmi_status(RMI_ERROR_INPUT, 0);

		granules = (out_top - *base) >> RMI_GRANULE_SHIFT;
		atomic64_add(delegate ? granules : -granules, &rmi_delegated);
		*base = out_top;
	}

	return rmi_status(RMI_SUCCESS, 0);
}

/**
 * rmi_undelegate() - Take memory back from the RMM
 * @base: physical address, granule aligned
 * @top: end of the range, granule aligned
 * @gfp: GFP_KERNEL, or GFP_ATOMIC in a context that must not sleep
 *
 * DEN0137 B4.5.18. The RMM wipes the memory before the host sees it.
 *
 * There is nothing a caller could do about a granule that does not come back,
 * and nobody must ever use it. So its page is lost.
 *
 * Return: 0, or -EIO when some of the memory is lost.
 */
int rmi_undelegate(phys_addr_t base, phys_addr_t top, gfp_t gfp)
{
	rmi_status_t status;
	int ret = 0;

	for (;;) {
		status = rmi_move_range(&base, top, false, gfp);
		if (rmi_ok(status))
			return ret;
		rmi_leak_granule(base, status);
		base += RMI_GRANULE_BYTES;
		ret = -EIO;
	}
}

/**
 * rmi_delegate() - Give memory to the RMM
 * @base: physical address, granule aligned
 * @top: end of the range, granule aligned
 * @gfp: GFP_KERNEL, or GFP_ATOMIC in a context that must not sleep
 *
 * DEN0137 B4.5.17. On success the host must not touch the memory until it is
 * undelegated. On failure what had been delegated by this call is undelegated.
 *
 * Return: 0, or -EIO when the RMM refuses.
 */
int rmi_delegate(phys_addr_t base, phys_addr_t top, gfp_t gfp)
{
	phys_addr_t pa, done = base;
	rmi_status_t status;

	status = rmi_move_range(&done, top, true, gfp);
	if (rmi_ok(status))
		return 0;

	rmi_undelegate(base, done, gfp);
	if (rmi_is_incomplete(status)) {
		for (pa = done; pa < top; pa += RMI_GRANULE_BYTES)
			rmi_leak_granule(pa, status);
	}
	return -EIO;
}

/**
 * rmi_alloc_granules() - Allocate memory and delegate it
 * @nr_granules: how many
 * @gfp: GFP_KERNEL and the like
 *
 * The granules are contiguous, and aligned to their total size when their
 * number is a power of two.
 *
 * Return: their physical address, or 0.
 */
phys_addr_t rmi_alloc_granules(unsigned int nr_granules, gfp_t gfp)
{
	phys_addr_t base = rmi_get_granules(nr_granules, gfp);
	size_t bytes = nr_granules * RMI_GRANULE_BYTES;

	if (!base)
		return 0;
	if (rmi_delegate(base, base + bytes, gfp)) {
		rmi_put_granules(base, nr_granules);
		return 0;
	}
	return base;
}

/**
 * rmi_free_granules() - Undelegate memory and free it
 * @base: physical address, as rmi_alloc_granules() returned it; 0 for nothing
 * @nr_granules: how many
 *
 * What the RMM does not give back is not freed.
 */
void rmi_free_granules(phys_addr_t base, unsigned int nr_granules)
{
	if (!base)
		return;
	rmi_undelegate(base, base + nr_granules * RMI_GRANULE_BYTES, GFP_KERNEL);
	rmi_put_granules(base, nr_granules);
}

/*
 * Stateful operations, DEN0137 B4.3.2
 *
 * A command that cannot finish at once answers RMI_INCOMPLETE with a handle,
 * and what the RMM wants: to be called again, memory, or to return memory.
 */

/**
 * struct rmi_sro - a stateful operation under way
 * @handle: what the RMM calls it
 * @gfp: how memory may be allocated
 * @regs: the last answer
 * @cancelled: the host gave it up for lack of memory
 * @wait: since when there has been no progress
 */
struct rmi_sro {
	unsigned long			handle;
	gfp_t				gfp;
	struct arm_smccc_1_2_regs	*regs;
	bool				cancelled;
	struct rmi_wait			wait;
};

/* The size of a block, of RmiAddrBlockSize, as the order of its granules */
static unsigned int rmi_block_order(unsigned long size)
{
	return size * (RMI_GRANULE_SHIFT - 3);
}

static unsigned long rmi_desc_granules(u64 desc)
{
	return FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_COUNT, desc) <<
	       rmi_block_order(FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_SIZE, desc));
}

/* Free what @list describes, but for its first @skip granules */
static void rmi_sro_put_list(const u64 *list, unsigned int nr, unsigned long skip,
			     gfp_t gfp)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		phys_addr_t base = list[i] & RMI_ADDR_RANGE_DESC4_KB_ADDR;
		unsigned long granules = rmi_desc_granules(list[i]);
		unsigned long kept = min(granules, skip);

		skip -= kept;
		granules -= kept;
		base += kept * RMI_GRANULE_BYTES;

		if (FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_STATE, list[i]) ==
		    RMI_OP_MEM_DELEGATED)
			rmi_undelegate(base, base + granules * RMI_GRANULE_BYTES, gfp);
		rmi_put_granules(base, granules);
	}
}

/*
 * Add @count blocks from @base to @list, as many descriptors as that takes. The
 * list has the room: what does not fit is allocated for the next one.
 */
static unsigned int rmi_sro_add(u64 *list, unsigned int nr, phys_addr_t base,
				unsigned long count, unsigned long size,
				unsigned long state)
{
	const unsigned long max = FIELD_MAX(RMI_ADDR_RANGE_DESC4_KB_COUNT);

	while (count) {
		unsigned long n = min(count, max);

		list[nr++] = FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_SIZE, size) |
			     FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_COUNT, n) |
			     FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_STATE, state) |
			     (base & RMI_ADDR_RANGE_DESC4_KB_ADDR);
		base += (n << rmi_block_order(size)) * RMI_GRANULE_BYTES;
		count -= n;
	}
	return nr;
}

/* Allocate what @req asks for, or as much of it as a list and memory hold */
static unsigned int rmi_sro_fill(struct rmi_sro *sro, u64 *list, unsigned long req)
{
	unsigned long count = FIELD_GET(RMI_OP_MEM_DONATE_REQ_COUNT, req);
	unsigned long state = FIELD_GET(RMI_OP_MEM_DONATE_REQ_STATE, req);
	unsigned long size = FIELD_GET(RMI_OP_MEM_DONATE_REQ_SIZE, req);
	unsigned long blocks = 1, granules;
	unsigned int nr = 0;

	/* Contiguous memory is donated in one go, other memory block by block */
	if (FIELD_GET(RMI_OP_MEM_DONATE_REQ_CONTIG, req) == RMI_OP_MEM_CONTIG)
		blocks = count;
	granules = blocks << rmi_block_order(size);

	for (; count && nr < RMI_LIST_ENTRIES; count -= blocks) {
		phys_addr_t base;

		if (state == RMI_OP_MEM_DELEGATED)
			base = rmi_alloc_granules(granules, sro->gfp);
		else
			base = rmi_get_granules(granules, sro->gfp);
		if (!base)
			break;
		nr = rmi_sro_add(list, nr, base, blocks, size, state);
	}
	return nr;
}

/* Returns how many granules the RMM took, 0 or a negative error for no progress */
static long rmi_sro_donate(struct rmi_sro *sro, u64 *list, unsigned long req)
{
	struct rmi_op_mem_donate_out out;
	unsigned int nr, i;
	rmi_status_t status;
	unsigned long total;

	nr = rmi_sro_fill(sro, list, req);
	if (!nr)
		return -ENOMEM;

	for (total = 0, i = 0; i < nr; i++)
		total += rmi_desc_granules(list[i]);

	rmi_op_mem_donate_encode(sro->regs, sro->handle, virt_to_phys(list), nr);
	rmi_smc_wait(sro->regs, sro->gfp);
	status = rmi_op_mem_donate_decode(sro->regs, &out);

	/* What was consumed is so whatever the status is, DEN0137 B4.3.2.2 */
	out.donated_count = min(out.donated_count, total);
	rmi_sro_put_list(list, nr, out.donated_count, sro->gfp);

	if (rmi_ok(status))
		return total;
	return rmi_is_incomplete(status) ? out.donated_count : -EIO;
}

/* Returns how much the RMM gave back, 0 or a negative error for no progress */
static long rmi_sro_reclaim(struct rmi_sro *sro, u64 *list)
{
	struct rmi_op_mem_reclaim_out out;
	rmi_status_t status;

	rmi_op_mem_reclaim_encode(sro->regs, sro->handle, virt_to_phys(list),
				  RMI_LIST_ENTRIES);
	rmi_smc_wait(sro->regs, sro->gfp);
	status = rmi_op_mem_reclaim_decode(sro->regs, &out);
	if (!rmi_is_incomplete(status) && !rmi_ok(status))
		return -EIO;

	out.reclaim_count = min(out.reclaim_count, RMI_LIST_ENTRIES);
	rmi_sro_put_list(list, out.reclaim_count, 0, sro->gfp);
	return rmi_ok(status) ? 1 : out.reclaim_count;
}

/* Move memory one way or the other, as the last answer wants it */
static long rmi_sro_transfer(struct rmi_sro *sro, unsigned long mem_req,
			     unsigned long donate_req)
{
	u64 *list;
	long ret;

	list = (u64 *)get_zeroed_page(sro->gfp);
	if (!list)
		return -ENOMEM;

	if (mem_req == RMI_OP_MEM_REQ_DONATE)
		ret = rmi_sro_donate(sro, list, donate_req);
	else
		ret = rmi_sro_reclaim(sro, list);

	free_page((unsigned long)list);
	return ret;
}

/* Replace the last answer by that to the call which has been put in its place */
static int rmi_sro_call(struct rmi_sro *sro)
{
	unsigned long code;

	rmi_smc_wait(sro->regs, sro->gfp);
	code = rmi_code(rmi_regs_status(sro->regs));
	return code == RMI_BUSY || code == RMI_BLOCKED ? -EIO : 0;
}

static int rmi_sro_continue(struct rmi_sro *sro)
{
	rmi_op_continue_encode(sro->regs, sro->handle,
			       FIELD_PREP(RMI_CONTINUE_FLAGS_BEYOND,
					  RMI_CONTINUE_KEEP_GOING));
	return rmi_sro_call(sro);
}

static int rmi_sro_cancel(struct rmi_sro *sro)
{
	sro->cancelled = true;
	rmi_op_cancel_encode(sro->regs, sro->handle);
	return rmi_sro_call(sro);
}

/*
 * One step of an operation whose last answer in @sro->regs is RMI_INCOMPLETE.
 * Returns 0 when there is a new answer there, -EIO when it got stuck.
 */
static int rmi_sro_step(struct rmi_sro *sro)
{
	const struct arm_smccc_1_2_regs last = *sro->regs;
	rmi_status_t status = rmi_regs_status(&last);
	unsigned long mem_req = rmi_mem_req(status);
	struct rmi_incomplete incomplete;

	if (mem_req == RMI_OP_MEM_REQ_NONE)
		return rmi_sro_continue(sro);

	rmi_incomplete_decode(&last, &incomplete);
	if (rmi_sro_transfer(sro, mem_req, incomplete.donate_req) > 0) {
		rmi_wait_start(&sro->wait, sro->gfp);
		return 0;
	}

	if (mem_req == RMI_OP_MEM_REQ_DONATE && rmi_can_cancel(status) &&
	    !sro->cancelled) {
		return rmi_sro_cancel(sro);
	}

	/* There is no other way out, so try again to do what it wants */
	*sro->regs = last;
	return rmi_wait(&sro->wait) ? 0 : -EIO;
}

static int rmi_sro_finish(struct arm_smccc_1_2_regs *regs, gfp_t gfp)
{
	struct rmi_incomplete incomplete;
	struct rmi_sro sro = {
		.regs	= regs,
		.gfp	= gfp,
	};

	rmi_incomplete_decode(regs, &incomplete);
	sro.handle = incomplete.handle;
	rmi_wait_start(&sro.wait, gfp);

	do {
		if (rmi_sro_step(&sro)) {
			pr_err_ratelimited("operation %#lx is abandoned, with its memory\n",
					   sro.handle);
			return -EIO;
		}
		if (sro.wait.may_sleep)
			cond_resched();
	} while (rmi_is_incomplete(rmi_regs_status(regs)));

	return sro.cancelled ? -ENOMEM : 0;
}

/**
 * rmi_run() - Run an RMI command to its end
 * @regs: the call, as one of the generated rmi_*_encode() made it; replaced by
 *	  the last answer, for rmi_*_decode()
 * @gfp: how memory may be allocated for the RMM. With GFP_ATOMIC this function
 *	 does not sleep. Interrupts must be enabled: an RMM may return early for
 *	 as long as one is pending.
 *
 * Waits while the RMM is busy or blocked by an operation on another CPU, and
 * completes an operation that has several steps (DEN0137 B4.3.2). Not for
 * RMI_REC_ENTER, which the caller wants to repeat on its own terms.
 *
 * Return: 0 when @regs holds the final answer. That is RMI_BUSY or RMI_BLOCKED
 *	   when it did not change for a long time, and never RMI_INCOMPLETE.
 *	   -ENOMEM when the operation was cancelled, as there was not the memory
 *	   it wanted. -EIO when it could neither be completed nor cancelled: the
 *	   objects it works on, and what was donated, are lost.
 */
int rmi_run(struct arm_smccc_1_2_regs *regs, gfp_t gfp)
{
	rmi_smc_wait(regs, gfp);
	if (likely(!rmi_is_incomplete(rmi_regs_status(regs))))
		return 0;
	return rmi_sro_finish(regs, gfp);
}

/*
 * Finding and configuring the RMM
 */

static unsigned int __init rmi_major(unsigned long version)
{
	return FIELD_GET(RMI_INTERFACE_VERSION_MAJOR, version);
}

static unsigned int __init rmi_minor(unsigned long version)
{
	return FIELD_GET(RMI_INTERFACE_VERSION_MINOR, version);
}

static bool __init rmi_version_ok(void)
{
	unsigned long req = FIELD_PREP(RMI_INTERFACE_VERSION_MAJOR, RMI_ABI_MAJOR) |
			    FIELD_PREP(RMI_INTERFACE_VERSION_MINOR, RMI_ABI_MINOR);
	struct rmi_version_out out;
	rmi_status_t status;

	status = rmi_version(req, &out);
	if (status.raw == (unsigned long)SMCCC_RET_NOT_SUPPORTED) {
		pr_info("no Realm Management Monitor\n");
		return false;
	}
	if (!rmi_ok(status)) {
		pr_info("the RMM implements %u.%u to %u.%u, not %lu.%lu\n",
			rmi_major(out.lower), rmi_minor(out.lower),
			rmi_major(out.higher), rmi_minor(out.higher),
			RMI_ABI_MAJOR, RMI_ABI_MINOR);
		return false;
	}
	return true;
}

static bool __init rmi_features_ok(void)
{
	struct rmi_features_out out;
	unsigned int i;

	for (i = 0; i < RMI_FEATURE_REGISTERS; i++) {
		if (rmi_ok(rmi_features(i, &out)))
			rmi_feature_regs[i] = out.value;
	}

	if (!(rmi_feature_regs[1] & RMI_FEATURE_REGISTER1_RMI_GRAN_SZ_4KB)) {
		pr_info("the RMM has no granules of 4KB\n");
		return false;
	}
	return true;
}

static bool __init rmi_configure(void)
{
	struct rmi_rmm_config *config;
	rmi_status_t status;

	config = (struct rmi_rmm_config *)get_zeroed_page(GFP_KERNEL);
	if (!config)
		return false;

	/* The one tracking region size there is for this granule size: 1GB */
	config->rmi_granule_size = RMI_GRANULE_SIZE_4KB;
	config->tracking_region_size = 0;
	status = rmi_rmm_config_set(virt_to_phys(config));
	free_page((unsigned long)config);

	if (!rmi_ok(status))
		pr_info("the RMM cannot be configured: %s\n", rmi_status_name(status));
	return rmi_ok(status);
}

static bool __init rmi_activate(void)
{
	struct rmi_rmm_activate_out out;
	struct arm_smccc_1_2_regs regs;
	rmi_status_t status;
	int ret;

	rmi_rmm_activate_encode(&regs);
	ret = rmi_run(&regs, GFP_KERNEL);
	status = rmi_rmm_activate_decode(&regs, &out);
	if (ret || !rmi_ok(status)) {
		pr_info("the RMM cannot be activated: %s\n", rmi_status_name(status));
		return false;
	}
	return true;
}

/*
 * Make the state of single granules in [@start, @end) changeable. A region
 * whose table exists already is as good, and one that must not have a table
 * shows in what can be delegated.
 */
static void __init rmi_unfold_gpt(phys_addr_t start, phys_addr_t end)
{
	u64 shift = 30 + FIELD_GET(RMI_FEATURE_REGISTER1_L0GPTSZ, rmi_feature_regs[1]);
	struct rmi_gpt_l1_create_out out;
	struct arm_smccc_1_2_regs regs;
	rmi_status_t status;
	phys_addr_t addr;

	for (addr = start & ~(BIT_ULL(shift) - 1); addr < end; addr += BIT_ULL(shift)) {
		rmi_gpt_l1_create_encode(&regs, addr);
		if (rmi_run(&regs, GFP_KERNEL))
			continue;
		status = rmi_gpt_l1_create_decode(&regs, &out);
		if (!rmi_ok(status) && rmi_code(status) != RMI_ERROR_GPT)
			pr_debug("no GPT for %pa: %s\n", &addr, rmi_status_name(status));
	}
}

/* How much of [@start, @end) can be delegated, in bytes */
static phys_addr_t __init rmi_tracked(phys_addr_t start, phys_addr_t end)
{
	struct rmi_granule_tracking_get_out out;
	phys_addr_t bytes = 0;

	while (start < end) {
		if (!rmi_ok(rmi_granule_tracking_get(start, end, &out)) ||
		    out.out_top <= start || out.out_top > end) {
			break;
		}
		if (out.category == RMI_MEM_CATEGORY_CONVENTIONAL &&
		    out.state == RMI_TRACKING_FINE)
			bytes += out.out_top - start;
		start = out.out_top;
	}
	return bytes;
}

static bool __init rmi_memory_ok(void)
{
	phys_addr_t start, end, total = 0, usable = 0;
	u64 i;

	if (memblock_end_of_DRAM() > RMI_MAX_PA + 1) {
		pr_info("memory above %pa, which the RMM cannot address\n",
			&(phys_addr_t){ RMI_MAX_PA });
		return false;
	}

	for_each_mem_range(i, &start, &end) {
		start = ALIGN(start, RMI_GRANULE_BYTES);
		end = ALIGN_DOWN(end, RMI_GRANULE_BYTES);
		rmi_unfold_gpt(start, end);
		usable += rmi_tracked(start, end);
		total += end - start;
	}

	pr_info("RMM %lu.%lu, %lluMB of %lluMB can be delegated\n", RMI_ABI_MAJOR,
		RMI_ABI_MINOR, (u64)usable / SZ_1M, (u64)total / SZ_1M);
	return usable;
}

#ifdef CONFIG_DEBUG_FS
static int rmi_counter_get(void *data, u64 *value)
{
	*value = atomic64_read(data);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(rmi_counter_fops, rmi_counter_get, NULL, "%llu\n");

static void __init rmi_debugfs_init(void)
{
	struct dentry *dir = debugfs_create_dir("rmi", NULL);

	debugfs_create_file("delegated_granules", 0400, dir, &rmi_delegated,
			    &rmi_counter_fops);
	debugfs_create_file("leaked_granules", 0400, dir, &rmi_leaked,
			    &rmi_counter_fops);
}
#else
static inline void rmi_debugfs_init(void) { }
#endif

static int __init rmi_init(void)
{
	/* An RMM serves a host at EL2, and this kernel only one that runs there */
	if (!is_kernel_in_hyp_mode())
		return 0;

	if (arm_smccc_1_1_get_conduit() != SMCCC_CONDUIT_SMC ||
	    arm_smccc_get_version() < ARM_SMCCC_VERSION_1_2 ||
	    IS_ENABLED(CONFIG_CPU_BIG_ENDIAN)) {
		pr_info("no Realm Management Monitor\n");
		return 0;
	}

	if (!rmi_version_ok() || !rmi_features_ok() || !rmi_configure() ||
	    !rmi_activate() || !rmi_memory_ok())
		return 0;

	rmi_available = true;
	rmi_debugfs_init();
	return 0;
}
subsys_initcall(rmi_init);
