/* SPDX-License-Identifier: GPL-2.0-only */
/* The test control page; its layout is kept with the programs of the host that use it. */
#include "../../tools/testing/selftests/kvm/include/arm64/rmm_test_control.h"
