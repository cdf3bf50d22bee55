/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_IOEVENT_H
#define REALMRUN_IOEVENT_H

#include "types.h"

int ioevent_create(u64 gpa, unsigned int size, u64 value);

#endif /* REALMRUN_IOEVENT_H */
