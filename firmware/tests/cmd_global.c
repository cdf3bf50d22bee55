// SPDX-License-Identifier: GPL-2.0-only
/* Version, features, and the RMM's way from INIT to ACTIVE: these run first and in order. */
#include "harness.h"

#define VERSION(major, minor)	(FIELD_PREP(RMI_INTERFACE_VERSION_MAJOR, major) | \
				 FIELD_PREP(RMI_INTERFACE_VERSION_MINOR, minor))

#define FEATURE_REG_UNKNOWN	0x100

static void version_accepted(void)
{
	struct rmi_version_out out;

	require_status(rmi_version(VERSION(2, 0), &out), RMI_SUCCESS);
	check_eq(out.lower, VERSION(2, 0));
	check(out.higher >= VERSION(2, 0));
}

/* B4.5.92 incompat_lower: the highest below the request, which then is the highest of all. */
static void version_too_high(void)
{
	struct rmi_version_out out;

	check_status(rmi_version(VERSION(0x7fff, 0), &out), RMI_ERROR_INPUT);
	check(out.lower >= VERSION(2, 0) && out.lower < VERSION(0x7fff, 0));
	check_eq(out.higher, out.lower);
}

/* B4.5.92 incompat_higher */
static void version_too_low(void)
{
	struct rmi_version_out out;

	check_status(rmi_version(VERSION(0, 1), &out), RMI_ERROR_INPUT);
	check(out.lower >= VERSION(2, 0));
	check_eq(out.higher, out.lower);
}

static void feature_registers(void)
{
	struct rmi_features_out reg0, reg1, unknown;
	unsigned long s2sz;

	require_status(rmi_features(0, &reg0), RMI_SUCCESS);
	require_status(rmi_features(1, &reg1), RMI_SUCCESS);

	s2sz = FIELD_GET(RMI_FEATURE_REGISTER0_S2SZ, reg0.value);
	check(s2sz >= 32 && s2sz <= 52);
	check_eq(reg0.value >> 32, 0);
	if (!(reg0.value & RMI_FEATURE_REGISTER0_SVE))
		check_eq(FIELD_GET(RMI_FEATURE_REGISTER0_SVE_VL, reg0.value), 0);
	if (!(reg0.value & RMI_FEATURE_REGISTER0_PMU))
		check_eq(FIELD_GET(RMI_FEATURE_REGISTER0_PMU_NUM_CTRS, reg0.value), 0);

	check(reg1.value & RMI_FEATURE_REGISTER1_RMI_GRAN_SZ_4KB);
	check(reg1.value & (RMI_FEATURE_REGISTER1_HASH_SHA_256 |
			    RMI_FEATURE_REGISTER1_HASH_SHA_512));
	check_eq(reg1.value >> 17, 0);

	check_status(rmi_features(FEATURE_REG_UNKNOWN, &unknown), RMI_SUCCESS);
	check_eq(unknown.value, 0);
}

/* DEN0028: what nobody implements answers -1, also among the function IDs of the RMI. */
static void unknown_functions(void)
{
	static const unsigned long fids[] = { 0xc400018e, 0xc40002cf, 0xc4000170, 0x84001234 };

	for (unsigned int i = 0; i < ARRAY_SIZE(fids); i++) {
		struct arm_smccc_1_2_regs regs = { .a0 = fids[i] };

		arm_smccc_1_2_smc(&regs, &regs);
		if (regs.a0 != (unsigned long)SMCCC_RET_NOT_SUPPORTED)
			test_failed(__FILE__, __LINE__, "0x%lx answers 0x%lx", fids[i], regs.a0);
	}
}

static void not_active_yet(void)
{
	struct rmi_granule_range_delegate_out out;
	phys_addr_t page = (phys_addr_t)ns_page();

	check_status(rmi_granule_range_delegate(page, page + GRANULE_SIZE, &out), RMI_ERROR_GLOBAL);
}

static void config_refused(void)
{
	struct rmi_rmm_config *cfg = ns_page();
	phys_addr_t pa = (phys_addr_t)cfg;

	check_status(rmi_rmm_config_set(pa + 8), RMI_ERROR_INPUT);
	check_status(rmi_rmm_config_set(RMM_BASE), RMI_ERROR_INPUT);
	check_status(rmi_rmm_config_set(BIT_ULL(51)), RMI_ERROR_INPUT);

	cfg->rmi_granule_size = 3;
	check_status(rmi_rmm_config_set(pa), RMI_ERROR_INPUT);
	cfg->rmi_granule_size = RMI_GRANULE_SIZE_4KB;
	cfg->tracking_region_size = 0xff;
	check_status(rmi_rmm_config_set(pa), RMI_ERROR_INPUT);
}

static void config_accepted(void)
{
	struct rmi_rmm_config *cfg = ns_page();

	cfg->rmi_granule_size = RMI_GRANULE_SIZE_4KB;
	require_status(rmi_rmm_config_set((phys_addr_t)cfg), RMI_SUCCESS);
}

/* B4.5.53; unlike 2.0-bet1 says, before RMM_ACTIVATE as well */
static void config_get(void)
{
	struct rmi_rmm_config *cfg = ns_page();
	phys_addr_t pa = (phys_addr_t)cfg;

	cfg->tracking_region_size = 0xff;
	cfg->rmi_granule_size = 0xff;
	check_status(rmi_rmm_config_get(pa + 8), RMI_ERROR_INPUT);
	check_status(rmi_rmm_config_get(RMM_BASE), RMI_ERROR_INPUT);
	check_status(rmi_rmm_config_get(BIT_ULL(51)), RMI_ERROR_INPUT);
	check_eq(cfg->tracking_region_size, 0xff);
	check_eq(cfg->rmi_granule_size, 0xff);

	require_status(rmi_rmm_config_get(pa), RMI_SUCCESS);
	check_eq(cfg->tracking_region_size, 0);
	check_eq(cfg->rmi_granule_size, RMI_GRANULE_SIZE_4KB);
}

static void config_get_active(void)
{
	config_get();
	check_status(rmi_rmm_config_get(delegated_page()), RMI_ERROR_INPUT);
}

static void activate(void)
{
	struct rmi_rmm_activate_out out;

	require_status(rmi_rmm_activate(&out), RMI_SUCCESS);
}

static void only_once(void)
{
	struct rmi_rmm_config *cfg = ns_page();
	struct rmi_rmm_activate_out out;

	check_status(rmi_rmm_activate(&out), RMI_ERROR_GLOBAL);
	check_status(rmi_rmm_config_set((phys_addr_t)cfg), RMI_ERROR_GLOBAL);
}

/* The pool of memory.c can be delegated granule by granule. */
static void tracking(void)
{
	struct rmi_granule_tracking_get_out out;

	require_status(rmi_granule_tracking_get(SZ_1G, 2 * SZ_1G, &out), RMI_SUCCESS);
	check_eq(out.category, RMI_MEM_CATEGORY_CONVENTIONAL);
	check_eq(out.state, RMI_TRACKING_FINE);

	check_status(rmi_granule_tracking_get(SZ_1G + 8, 2 * SZ_1G, &out), RMI_ERROR_INPUT);
	check_status(rmi_granule_tracking_get(BIT_ULL(60), BIT_ULL(60) + SZ_1G, &out),
		     RMI_ERROR_INPUT);
}

static void gpt_l1_create(void)
{
	struct rmi_gpt_l1_create_out out;

	check_status(rmi_gpt_l1_create(SZ_1G, &out), RMI_ERROR_GPT);
	check_status(rmi_gpt_l1_create(SZ_1G + SZ_4K, &out), RMI_ERROR_INPUT);
	check_status(rmi_gpt_l1_create(BIT_ULL(60), &out), RMI_ERROR_INPUT);
}

const struct test global_tests[] = {
	{ "VERSION accepts 2.0", version_accepted },
	{ "VERSION refuses what is too high", version_too_high },
	{ "VERSION refuses what is too low", version_too_low },
	{ "FEATURES has sane registers, unknown ones are 0", feature_registers },
	{ "GRANULE_RANGE_DELEGATE waits for RMM_ACTIVATE", not_active_yet },
	{ "RMM_CONFIG_SET refuses what it must", config_refused },
	{ "RMM_CONFIG_SET accepts 4 KB granules", config_accepted },
	{ "RMM_CONFIG_GET before RMM_ACTIVATE", config_get },
	{ "RMM_ACTIVATE succeeds", activate },
	{ "RMM_ACTIVATE and RMM_CONFIG_SET only once", only_once },
	{ "RMM_CONFIG_GET", config_get_active },
	{ "unknown functions answer -1", unknown_functions },
	{ "GRANULE_TRACKING_GET", tracking },
	{ "GPT_L1_CREATE where there is one", gpt_l1_create },
	{ },
};

/* For a run of single tests: what the suite above would have done. */
void global_activate(void)
{
	struct rmi_rmm_activate_out activated;
	struct rmi_version_out version;

	rmi_version(VERSION(2, 0), &version);
	rmi_rmm_activate(&activated);
}
