// SPDX-License-Identifier: GPL-2.0-only
/* Realm lifecycle: NEW -> ACTIVE -> SYSTEM_OFF, any -> ZOMBIE -> gone (DEN0137 A2.2). */
#include <linux/bitfield.h>
#include <spinlock.h>
#include <string.h>
#include "global.h"
#include "ns.h"
#include "realm.h"
#include "rmi.h"
#include "rmm.h"

static_assert(sizeof(struct rd) <= GRANULE_SIZE);

#define RUN_STATE		GENMASK_ULL(7, 0)
#define RUN_ONE			BIT_ULL(8)

enum realm_state realm_get_state(const struct rd *rd)
{
	return FIELD_GET(RUN_STATE, __atomic_load_n(&rd->run, __ATOMIC_ACQUIRE));
}

static bool run_update(struct rd *rd, u64 *old, u64 new)
{
	return __atomic_compare_exchange_n(&rd->run, old, new, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE);
}

bool realm_run_begin(struct rd *rd, enum realm_state *state)
{
	u64 run = __atomic_load_n(&rd->run, __ATOMIC_ACQUIRE);

	do {
		*state = FIELD_GET(RUN_STATE, run);
		if (*state != REALM_ACTIVE)
			return false;
	} while (!run_update(rd, &run, run + RUN_ONE));

	return true;
}

void realm_run_end(struct rd *rd)
{
	__atomic_fetch_sub(&rd->run, RUN_ONE, __ATOMIC_RELEASE);
}

void realm_system_off(struct rd *rd)
{
	u64 run = __atomic_load_n(&rd->run, __ATOMIC_ACQUIRE);
	u64 new;

	do {
		if (FIELD_GET(RUN_STATE, run) != REALM_ACTIVE)
			return;
		new = (run & ~RUN_STATE) | REALM_SYSTEM_OFF;
	} while (!run_update(rd, &run, new));
}

/* Does the memory hold a valid RmiRealmParams at all? */
static bool params_encoded(const struct rmi_realm_params *p)
{
	return !(p->flags0 & RMI_REALM_FLAGS0_RES0) && !(p->flags1 & RMI_REALM_FLAGS1_RES0) &&
	       FIELD_GET(RMI_REALM_FLAGS0_LFA_POLICY, p->flags0) <= RMI_LFA_ALLOW &&
	       FIELD_GET(RMI_REALM_FLAGS0_MEC_POLICY, p->flags0) <= RMI_MEC_POLICY_PRIVATE &&
	       p->hash_algo <= RMI_HASH_SHA_384;
}

/* DEN0137 B3.101 RealmParamsSupported */
static bool params_supported(const struct rmi_realm_params *p)
{
	const u64 flags0 = RMI_REALM_FLAGS0_LPA2 | RMI_REALM_FLAGS0_PMU | RMI_REALM_FLAGS0_DA;
	const u64 flags1 = RMI_REALM_FLAGS1_ATS | RMI_REALM_FLAGS1_RTT_S2AP_ENCODING;
	u64 reg0 = rmm_features(0);

	if ((p->flags0 & flags0) || (p->flags1 & flags1))
		return false;
	if ((p->flags0 & RMI_REALM_FLAGS0_SVE) && !(reg0 & RMI_FEATURE_REGISTER0_SVE))
		return false;
	if (p->s2sz > FIELD_GET(RMI_FEATURE_REGISTER0_S2SZ, reg0) ||
	    p->sve_vl > FIELD_GET(RMI_FEATURE_REGISTER0_SVE_VL, reg0) || p->pmu_num_ctrs)
		return false;
	if (!p->num_bps || p->num_bps > FIELD_GET(RMI_FEATURE_REGISTER0_NUM_BPS, reg0))
		return false;
	if (!p->num_wps || p->num_wps > FIELD_GET(RMI_FEATURE_REGISTER0_NUM_WPS, reg0))
		return false;
	return p->hash_algo != RMI_HASH_SHA_384 && !p->num_aux_planes;
}

static bool rtt_params_valid(const struct rmi_realm_params *p, unsigned long rd_pa)
{
	unsigned long size = p->rtt_num_start * GRANULE_SIZE;

	return p->s2sz >= MIN_IPA_BITS &&
	       s2tt_config_valid(p->s2sz, p->rtt_level_start, p->rtt_num_start) &&
	       IS_ALIGNED(p->rtt_base, size) &&
	       (rd_pa < p->rtt_base || rd_pa - p->rtt_base >= size);
}

static void release_roots(const struct s2tt *s2, unsigned int count)
{
	granule_release(s2->root, count * GRANULE_SIZE, GRANULE_RTT);
}

static rmi_status_t claim_roots(const struct s2tt *s2)
{
	for (unsigned int i = 0; i < s2->nr_roots; i++) {
		unsigned long pa = s2->root + i * GRANULE_SIZE;
		struct granule *g = granule_lock(pa, GRANULE_DELEGATED);

		if (!g) {
			release_roots(s2, i);
			return rmi_ret_granule(pa);
		}
		s2tt_init_root(s2, i);
		granule_unlock_as(g, GRANULE_RTT);
	}
	return rmi_ret(RMI_SUCCESS);
}

static void init_rd(struct rd *rd, const struct rmi_realm_params *p, const struct s2tt *s2)
{
	memset(rd, 0, sizeof(*rd));
	rd->run = REALM_NEW;
	rd->s2 = *s2;
	rd->hash_algo = p->hash_algo;
	rd->sve = p->flags0 & RMI_REALM_FLAGS0_SVE;
	rd->sve_vl = p->sve_vl;
	rd->num_bps = p->num_bps;
	rd->num_wps = p->num_wps;
	memcpy(rd->rpv, p->rpv, sizeof(rd->rpv));
}

/* With parameters that are valid */
static rmi_status_t create_realm(unsigned long rd_pa, const struct rmi_realm_params *p)
{
	struct s2tt s2 = {
		.root = p->rtt_base,
		.nr_roots = p->rtt_num_start,
		.start_level = p->rtt_level_start,
		.ipa_bits = p->s2sz,
	};
	rmi_status_t status;
	struct granule *g;

	s2.vmid = vmid_alloc();
	if (!s2.vmid)
		return rmi_ret(RMI_ERROR_GLOBAL);

	status = claim_roots(&s2);
	if (!rmi_ok(status))
		goto err_vmid;

	g = granule_lock(rd_pa, GRANULE_DELEGATED);
	if (!g) {
		status = rmi_ret_granule(rd_pa);
		goto err_roots;
	}
	init_rd(granule_va(rd_pa), p, &s2);
	granule_unlock_as(g, GRANULE_RD);
	return rmi_ret(RMI_SUCCESS);

err_roots:
	release_roots(&s2, s2.nr_roots);
err_vmid:
	vmid_free(s2.vmid);
	return status;
}

/* Parameters fill a granule, too much for the stack: one CPU creates a realm at a time. */
static struct rmi_realm_params params_buffer;
static spinlock_t params_lock;

static rmi_status_t check_and_create(unsigned long rd_pa, unsigned long params_pa)
{
	struct rmi_realm_params *p = &params_buffer;

	if (!ns_read(p, params_pa, sizeof(*p)))
		return rmi_ret(RMI_ERROR_INPUT);
	if (!params_encoded(p) || !params_supported(p) || !rtt_params_valid(p, rd_pa) ||
	    p->ats_plane > p->num_aux_planes)
		return rmi_ret(RMI_ERROR_INPUT);
	if (!granule_in_state(rd_pa, GRANULE_DELEGATED))
		return rmi_ret_granule(rd_pa);
	if (FIELD_GET(RMI_REALM_FLAGS0_MEC_POLICY, p->flags0) != RMI_MEC_POLICY_SHARED)
		return rmi_ret(RMI_ERROR_GLOBAL);

	return create_realm(rd_pa, p);
}

/* DEN0137 B4.5.46; the initial RIM is zero. */
rmi_status_t handle_realm_create(const u64 *in, u64 *out)
{
	rmi_status_t status;

	if (!GRANULE_ALIGNED(in[1]))
		return rmi_ret(RMI_ERROR_INPUT);

	spin_lock(&params_lock);
	status = check_and_create(in[0], in[1]);
	spin_unlock(&params_lock);
	return status;
}

/* DEN0137 B4.5.45 */
rmi_status_t handle_realm_activate(const u64 *in, u64 *out)
{
	u64 run = REALM_NEW;
	struct granule *g;
	struct rd *rd;
	bool done;

	g = realm_lock(in[0], &rd);
	if (!g)
		return rmi_ret_granule(in[0]);
	done = run_update(rd, &run, REALM_ACTIVE);
	granule_unlock(g);

	return rmi_ret(done ? RMI_SUCCESS : RMI_ERROR_REALM);
}

/* Any state without a running REC -> ZOMBIE */
static bool terminate(struct rd *rd)
{
	u64 run = __atomic_load_n(&rd->run, __ATOMIC_ACQUIRE);

	do {
		if (run & ~RUN_STATE)
			return false;
	} while (!run_update(rd, &run, REALM_ZOMBIE));

	return true;
}

/* DEN0137 B4.5.48 */
rmi_status_t handle_realm_terminate(const u64 *in, u64 *out)
{
	struct granule *g;
	struct rd *rd;
	bool done;

	g = realm_lock(in[0], &rd);
	if (!g)
		return rmi_ret_granule(in[0]);
	done = terminate(rd);
	granule_unlock(g);

	return rmi_ret(done ? RMI_SUCCESS : RMI_ERROR_REALM);
}

/* Live starting-level entries; takes each lock, so no walk is in any of the tables. */
static unsigned long count_root_refs(const struct s2tt *s2)
{
	unsigned long count = 0;

	for (unsigned int i = 0; i < s2->nr_roots; i++) {
		struct granule *g = granule_find(s2->root + i * GRANULE_SIZE);

		granule_lock_known(g, GRANULE_RTT);
		count += granule_refcount(g);
		granule_unlock(g);
	}
	return count;
}

/* DEN0137 B4.5.47; a realm is live while it has RECs, or tables or DATA below its roots. */
rmi_status_t handle_realm_destroy(const u64 *in, u64 *out)
{
	struct granule *g;
	struct s2tt s2;
	struct rd *rd;

	g = realm_lock(in[0], &rd);
	if (!g)
		return rmi_ret_granule(in[0]);

	s2 = rd->s2;
	if (realm_get_state(rd) != REALM_ZOMBIE || granule_refcount(g) || count_root_refs(&s2)) {
		granule_unlock(g);
		return rmi_ret(RMI_ERROR_REALM);
	}

	s2tt_invalidate_all(&s2);
	release_roots(&s2, s2.nr_roots);
	vmid_free(s2.vmid);
	granule_unlock_as(g, GRANULE_DELEGATED);
	return rmi_ret(RMI_SUCCESS);
}
