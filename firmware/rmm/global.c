// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands about the RMM as a whole: version, features, configuration, activation,
 * granule tracking. Everything is tracked from the start with the granularity of a
 * granule, and the granule protection tables have all their level 1 tables.
 */
#include <linux/bitfield.h>
#include <linux/build_bug.h>
#include <linux/types.h>
#include <sysreg.h>
#include "features.h"
#include "global.h"
#include "ns.h"
#include "rmi.h"
#include "rmm.h"

/* GPCCR_EL3, which EL3 tells; level 0 entries cover 1 GB (L0GPTSZ 0) or more. */
#define GPCCR_PPS		GENMASK_ULL(2, 0)
#define GPCCR_L0GPTSZ		GENMASK_ULL(23, 20)
#define L0GPT_MIN_SHIFT		30

#define ID_AA64DFR0_BRPS	GENMASK_ULL(15, 12)
#define ID_AA64DFR0_WRPS	GENMASK_ULL(23, 20)

enum rmm_state {
	RMM_STATE_INIT,
	RMM_STATE_ACTIVE,
};

static u32 rmm_state = RMM_STATE_INIT;

bool rmm_is_active(void)
{
	return __atomic_load_n(&rmm_state, __ATOMIC_ACQUIRE) == RMM_STATE_ACTIVE;
}

/* Physical address width, at most what the RMM maps */
static unsigned int pa_bits(void)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48 };
	const u64 last = ARRAY_SIZE(bits) - 1;

	return bits[min(read_sysreg(id_aa64mmfr0_el1) & 0xf, last)];
}

static u64 feature_register0(void)
{
	const unsigned int max_ipa_bits = MAX_IPA_BITS;
	u64 dfr0 = read_sysreg(id_aa64dfr0_el1);
	u64 reg;

	reg = FIELD_PREP(RMI_FEATURE_REGISTER0_S2SZ, min(pa_bits(), max_ipa_bits)) |
	      FIELD_PREP(RMI_FEATURE_REGISTER0_NUM_BPS, FIELD_GET(ID_AA64DFR0_BRPS, dfr0)) |
	      FIELD_PREP(RMI_FEATURE_REGISTER0_NUM_WPS, FIELD_GET(ID_AA64DFR0_WRPS, dfr0));
	if (sve_supported()) {
		reg |= FIELD_PREP(RMI_FEATURE_REGISTER0_SVE, RMI_FEATURE_TRUE) |
		       FIELD_PREP(RMI_FEATURE_REGISTER0_SVE_VL, sve_max_vl());
	}
	return reg;
}

static u64 feature_register1(void)
{
	u64 gpccr = rmm_manifest()->gpccr;

	return FIELD_PREP(RMI_FEATURE_REGISTER1_RMI_GRAN_SZ_4KB, RMI_FEATURE_TRUE) |
	       FIELD_PREP(RMI_FEATURE_REGISTER1_HASH_SHA_256, RMI_FEATURE_TRUE) |
	       FIELD_PREP(RMI_FEATURE_REGISTER1_HASH_SHA_512, RMI_FEATURE_TRUE) |
	       FIELD_PREP(RMI_FEATURE_REGISTER1_MAX_RECS_ORDER, MAX_RECS_ORDER) |
	       FIELD_PREP(RMI_FEATURE_REGISTER1_L0GPTSZ,
			  FIELD_GET(GPCCR_L0GPTSZ, gpccr)) |
	       FIELD_PREP(RMI_FEATURE_REGISTER1_PPS, FIELD_GET(GPCCR_PPS, gpccr));
}

/* Registers 2 to 4: no device assignment, no planes, no private memory encryption */
u64 rmm_features(u64 index)
{
	switch (index) {
	case 0:
		return feature_register0();
	case 1:
		return feature_register1();
	default:
		return 0;
	}
}

/* DEN0137 B4.5.92; one version is implemented */
rmi_status_t handle_version(const u64 *in, u64 *out)
{
	u64 version = FIELD_PREP(RMI_INTERFACE_VERSION_MAJOR, RMI_ABI_MAJOR) |
		      FIELD_PREP(RMI_INTERFACE_VERSION_MINOR, RMI_ABI_MINOR);

	out[0] = version;
	out[1] = version;
	return rmi_ret(in[0] == version ? RMI_SUCCESS : RMI_ERROR_INPUT);
}

/* DEN0137 B4.5.14 */
rmi_status_t handle_features(const u64 *in, u64 *out)
{
	out[0] = rmm_features(in[0]);
	return rmi_ret(RMI_SUCCESS);
}

/**
 * struct rmm_config - RmiRmmConfig up to its last member
 * @tracking_region_size: a byte, followed by reserved ones
 * @rmi_granule_size: likewise
 */
struct rmm_config {
	u64 tracking_region_size;
	u64 rmi_granule_size;
};

static_assert(offsetof(struct rmm_config, rmi_granule_size) ==
	      offsetof(struct rmi_rmm_config, rmi_granule_size));

/* The only configuration that is supported, so it is always the one in force. */
static const struct rmm_config config = {
	.tracking_region_size = 0,	/* 1 GB */
	.rmi_granule_size = RMI_GRANULE_SIZE_4KB,
};

/* DEN0137 B4.5.53 */
rmi_status_t handle_rmm_config_get(const u64 *in, u64 *out)
{
	unsigned long cfg_ptr = in[0];

	if (!GRANULE_ALIGNED(cfg_ptr) || !ns_write(cfg_ptr, &config, sizeof(config)))
		return rmi_ret(RMI_ERROR_INPUT);

	return rmi_ret(RMI_SUCCESS);
}

/* DEN0137 B4.5.54 */
rmi_status_t handle_rmm_config_set(const u64 *in, u64 *out)
{
	unsigned long cfg_ptr = in[0];
	struct rmm_config cfg;

	if (rmm_is_active())
		return rmi_ret(RMI_ERROR_GLOBAL);

	if (!GRANULE_ALIGNED(cfg_ptr) || !ns_read(&cfg, cfg_ptr, sizeof(cfg)))
		return rmi_ret(RMI_ERROR_INPUT);

	if ((u8)cfg.rmi_granule_size != config.rmi_granule_size ||
	    (u8)cfg.tracking_region_size != config.tracking_region_size)
		return rmi_ret(RMI_ERROR_INPUT);

	return rmi_ret(RMI_SUCCESS);
}

/* DEN0137 B4.5.52 */
rmi_status_t handle_rmm_activate(const u64 *in, u64 *out)
{
	u32 state = RMM_STATE_INIT;

	if (!__atomic_compare_exchange_n(&rmm_state, &state, RMM_STATE_ACTIVE, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return rmi_ret(RMI_ERROR_GLOBAL);

	return rmi_ret(RMI_SUCCESS);
}

/* End of the part of a range from @base on that is all DRAM, or all not */
static unsigned long tracking_end(unsigned long base, unsigned long top, bool *tracked)
{
	const struct el3_rmm_manifest *m = rmm_manifest();
	unsigned long dram_end = m->dram_base + m->dram_size;

	*tracked = base >= m->dram_base && base < dram_end;
	if (*tracked)
		return min(top, dram_end);
	if (base < m->dram_base)
		return min(top, (unsigned long)m->dram_base);
	return top;
}

/* DEN0137 B4.5.19 */
rmi_status_t handle_granule_tracking_get(const u64 *in, u64 *out)
{
	unsigned long base = in[0], top = in[1];
	bool tracked;

	if (!GRANULE_ALIGNED(base) || !GRANULE_ALIGNED(top))
		return rmi_ret(RMI_ERROR_INPUT);
	if (top <= base || top > 1UL << pa_bits())
		return rmi_ret(RMI_ERROR_INPUT);

	out[2] = tracking_end(base, top, &tracked);
	out[0] = RMI_MEM_CATEGORY_CONVENTIONAL;
	out[1] = tracked ? RMI_TRACKING_FINE : RMI_TRACKING_NONE;
	return rmi_ret(RMI_SUCCESS);
}

/* DEN0137 B4.5.15: every level 1 table exists. */
rmi_status_t handle_gpt_l1_create(const u64 *in, u64 *out)
{
	unsigned long shift = L0GPT_MIN_SHIFT + FIELD_GET(GPCCR_L0GPTSZ, rmm_manifest()->gpccr);
	unsigned long addr = in[0];

	if (addr >= 1UL << pa_bits() || !IS_ALIGNED(addr, 1UL << shift))
		return rmi_ret(RMI_ERROR_INPUT);

	return rmi_ret(RMI_ERROR_GPT);
}
