#!/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-only
# gen-rmi.awk: header generator for the interfaces of DEN0137 (RMI and RSI)
#
# Usage: awk -v mode=MODE -f gen-rmi.awk DESCRIPTION
#
#   mode=defs   function IDs, enumerations, bit fields, structures
#   mode=calls  a typed wrapper for each command
#
# The description (see arch/arm64/tools/rmi) is a sequence of statements, one
# a line, with the fields separated by white space:
#
#   Interface NAME MAJOR MINOR            first statement; RMI or RSI
#
#   Enum TYPE WIDTH SECTION               WIDTH in bits, or s64 for a signed one
#     Names                               a function that returns value names
#     Value NUMBER NAME [TEXT]
#   EndEnum
#
#   Bits TYPE WIDTH SECTION               every bit is described exactly once,
#     Field MSB[:LSB] NAME [TEXT]         from bit 0 upwards
#     Res0 MSB[:LSB]
#   EndBits
#
#   Struct TYPE SIZE SECTION
#     At OFFSET CTYPE[[COUNT]] NAME [TEXT]
#   EndStruct
#
#   Status BITS ENUM                      type of X0: the fields, the codes
#
#   Incomplete SECTION                    what X1.. hold with RMI_INCOMPLETE
#     Out Xn NAME ARGTYPE [TEXT]
#   EndIncomplete
#
#   Command NAME FID SECTION [TEXT]
#     Stateful                            may answer RMI_INCOMPLETE
#     In Xn NAME ARGTYPE [TEXT]
#     Out Xn NAME ARGTYPE [TEXT]
#   EndCommand
#
# TYPE is spelled as in the specification (RmiRecEnter), CTYPE is u8, u16, u32,
# u64, s64, pa, ipa or a TYPE described above, ARGTYPE is u64, s64, pa, ipa or
# an Enum or Bits type described above.
#
# The first mistake is reported as FILE:LINE: error: ...; then nothing is
# written to stdout and the exit status is 1.

function fatal_at(where, msg) {
	print where ": error: " msg | "cat 1>&2"
	close("cat 1>&2")
	failed = 1
	exit 1
}

function fatal(msg) {
	fatal_at(FILENAME ":" FNR, msg)
}

# Refuse a statement with a number of fields outside [min, max]; max 0: no limit
function expect_fields(min, max) {
	if (NF < min || (max && NF > max))
		fatal("'" $1 "' has " NF - 1 " operands, expected " min - 1 \
		      (max == min ? "" : (max ? " to " max - 1 : " or more")))
}

# Rest of the line from field n
function text_from(n,	i, s) {
	s = ""
	for (i = n; i <= NF; i++)
		s = s (i > n ? " " : "") $i
	if (s ~ /\*\//)
		fatal("text must not contain '*/'")
	return s
}

# Decimal or 0x-prefixed number to a value; awk's own conversion of hexadecimal
# differs between implementations.
function number(s,	i, v, d) {
	if (s ~ /^(0|[1-9][0-9]*)$/) {
		if (length(s) > 15)
			fatal("number '" s "' is too large")
		return s + 0
	}
	if (s !~ /^0x[0-9A-Fa-f]+$/)
		fatal("'" s "' is not a number")
	if (length(s) > 14)
		fatal("number '" s "' is too large")
	v = 0
	s = tolower(s)
	for (i = 3; i <= length(s); i++) {
		d = index("0123456789abcdef", substr(s, i, 1)) - 1
		v = v * 16 + d
	}
	return v
}

# RmiRecEnter -> RMI_REC_ENTER
function snake(type,	i, c, p, s) {
	s = ""
	p = ""
	for (i = 1; i <= length(type); i++) {
		c = substr(type, i, 1)
		if (c ~ /[A-Z]/ && p ~ /[a-z0-9]/)
			s = s "_"
		s = s c
		p = c
	}
	return toupper(s)
}

function upper_name(s) {
	if (s !~ /^[A-Z][A-Z0-9_]*$/)
		fatal("'" s "' is not an upper-case name")
	return s
}

function lower_name(s) {
	if (s !~ /^[a-z][a-z0-9_]*$/)
		fatal("'" s "' is not a lower-case name")
	if (s in reserved_word)
		fatal("'" s "' is a reserved word of C")
	return s
}

# Everything the compiler would see as one name space
function claim(name) {
	if (name in claimed)
		fatal("duplicate name " name ", first at line " claimed[name])
	claimed[name] = FNR
}

function section_name(s) {
	if (s !~ /^[A-D][0-9]+(\.[0-9]+)*$/)
		fatal("'" s "' is not a section of DEN0137")
	return s
}

function new_type(type, kind) {
	if (type !~ /^[A-Z][a-z]+[A-Z0-9][A-Za-z0-9]*$/)
		fatal("'" type "' is not a type name")
	if (type in type_kind)
		fatal("duplicate type " type ", first at line " type_line[type])
	type_kind[type] = kind
	type_line[type] = FNR
}

function block_begin(kind) {
	if (block)
		fatal("'" kind "' inside " block " (line " block_line \
		      "), End" block " is missing")
	if (!iface)
		fatal("'Interface' must come first")
	block = kind
	block_line = FNR
	n_members = 0
}

function block_end(kind) {
	if (block != kind)
		fatal("'End" kind "' without '" kind "'")
	if (!n_members && kind != "Command")
		fatal(kind " without content")
	block = ""
}

function need_block(kind) {
	if (block != kind)
		fatal("'" $1 "' outside of " kind)
}

# Output is collected and written by END, so that a mistake leaves none of it
function def(line) {
	def_out[n_def++] = line
}

function cpart(line) {
	c_out[n_c++] = line
}

function call(line) {
	call_out[n_call++] = line
}

function define(name, value, text) {
	claim(name)
	if (text != "")
		def("/* " text " */")
	def(sprintf("#define %-47s %s", name, value))
}

function mask(msb, lsb) {
	if (msb == lsb)
		return "BIT_ULL(" msb ")"
	return "GENMASK_ULL(" msb ", " lsb ")"
}

# "MSB:LSB" or "BIT" into the globals msb and lsb
function parse_bits(s,	part) {
	if (s ~ /^[0-9]+$/) {
		msb = lsb = number(s)
	} else if (s ~ /^[0-9]+:[0-9]+$/) {
		split(s, part, ":")
		msb = number(part[1])
		lsb = number(part[2])
	} else {
		fatal("'" s "' is not a bit or a range of bits")
	}
	if (msb < lsb)
		fatal("bits " s ": the high bit comes first")
	if (msb >= width)
		fatal("bits " s " are outside of " type ", which has " width)
	if (lsb < next_bit)
		fatal("bits " s " overlap bit " next_bit - 1 " of " type)
	if (lsb > next_bit)
		fatal("bits " lsb - 1 ":" next_bit " of " type " are not described")
	next_bit = msb + 1
}

# C type, size and alignment of a structure member
function member_type(t,	bits) {
	if (t in scalar_c) {
		m_ctype = scalar_c[t]
		m_size = m_align = scalar_size[t]
	} else if (!(t in type_kind)) {
		fatal("unknown type " t)
	} else if (type_kind[t] == "Struct") {
		m_ctype = "struct " tolower(snake(t))
		m_size = struct_size[t]
		m_align = struct_align[t]
	} else {
		bits = type_width[t]
		if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
			fatal(t " has " bits " bits, which is no whole member")
		m_ctype = (type_signed[t] ? "s" : "u") bits
		m_size = m_align = bits / 8
	}
}

function arg_type(t) {
	if (t == "s64")
		return "long"
	if (t == "u64" || t == "pa" || t == "ipa")
		return "unsigned long"
	if (!(t in type_kind))
		fatal("unknown type " t)
	if (type_kind[t] == "Struct")
		fatal("structure " t " cannot be passed in a register")
	return type_signed[t] ? "long" : "unsigned long"
}

# "Xn" to n
function reg_number(s,	n) {
	if (s !~ /^X(0|[1-9][0-9]*)$/)
		fatal("'" s "' is not a register")
	n = substr(s, 2) + 0
	if (n == 0)
		fatal("X0 holds the function ID and the result")
	if (n > MAX_REG)
		fatal("too many registers: " s " is beyond X" MAX_REG)
	return n
}

function space_before_name(ctype) {
	return ctype ~ /\*$/ ? "" : " "
}

# One line of a kernel-doc comment
function doc_line(name, text) {
	return " * @" name ":" (text == "" ? "" : " " text)
}

function default_text(t) {
	if (t == "pa")
		return "physical address"
	if (t == "ipa")
		return "intermediate physical address"
	if (t in type_kind)
		return "see " t
	return "value"
}

function emit_names(	i, fn) {
	fn = tolower(snake(type)) "_name"
	claim(fn)
	cpart("/**")
	cpart(" * " fn "() - Name of a value of " type)
	cpart(" * @value: the value")
	cpart(" *")
	cpart(" * Return: the name in DEN0137, \"unknown\" for a reserved value.")
	cpart(" */")
	cpart("static inline const char *" fn "(" \
	      (type_signed[type] ? "long" : "unsigned long") " value)")
	cpart("{")
	cpart("\tswitch (value) {")
	for (i = 0; i < n_members; i++) {
		cpart("\tcase " member[i] ":")
		cpart("\t\treturn \"" member[i] "\";")
	}
	cpart("\tdefault:")
	cpart("\t\treturn \"unknown\";")
	cpart("\t}")
	cpart("}")
	cpart("")
}

function emit_struct(	i, s, at, pads) {
	s = tolower(snake(type))
	cpart("/**")
	cpart(" * struct " s " - " type ", DEN0137 " section)
	for (i = 0; i < n_members; i++)
		cpart(doc_line(member[i], m_text[i]))
	cpart(" */")
	cpart("struct " s " {")
	at = 0
	pads = 0
	for (i = 0; i < n_members; i++) {
		if (m_off[i] > at)
			cpart(sprintf("\tu8 reserved%d[0x%x];", pads++, m_off[i] - at))
		cpart("\t" m_decl[i] ";")
		at = m_off[i] + m_bytes[i]
	}
	if (struct_size[type] > at)
		cpart(sprintf("\tu8 reserved%d[0x%x];", pads++, struct_size[type] - at))
	cpart("};")
	for (i = 0; i < n_members; i++)
		cpart(sprintf("static_assert(__builtin_offsetof(struct %s, %s) == 0x%x);",
			      s, member[i], m_off[i]))
	cpart(sprintf("static_assert(sizeof(struct %s) == 0x%x);", s, struct_size[type]))
	cpart("")
}

function has_field(t, f) {
	if (!((t, f) in field_lsb))
		fatal("'Status' needs field " f " of " t)
	return field_lsb[t, f]
}

# The status type and its accessors. The accessors of the data part rely on the
# fields being where the shifts below say, so that is checked.
function emit_status(	p, P, S, D) {
	p = tolower(iface)
	P = iface
	S = status_bits
	D = P "_RESULT_DATA"
	if (has_field(S, "STATUS") != 0)
		fatal("field STATUS of " S " does not start at bit 0")
	if (has_field("RmiResultDataLevel", "LEVEL") != 0 || \
	    has_field("RmiResultDataIncomplete", "MEM") != 0)
		fatal("a data field of " S " does not start at bit 0")
	cpart("/**")
	cpart(" * typedef " p "_status_t - Result of an " P " command, the value of X0")
	cpart(" *")
	cpart(" * A type of its own, so that it is never taken for an errno.")
	cpart(" */")
	cpart("typedef struct " p "_status {")
	cpart("\tunsigned long raw;")
	cpart("} " p "_status_t;")
	cpart("")
	cpart("/* Make a status of a code and its data: a level, or the fields of " D "_INCOMPLETE */")
	cpart("static inline " p "_status_t " p "_status(unsigned long code, unsigned long data)")
	cpart("{")
	cpart("\treturn (" p "_status_t) { .raw = code | data << " has_field(S, "DATA") " };")
	cpart("}")
	cpart("")
	cpart("/* The code: one of " status_enum " */")
	cpart("static inline unsigned long " p "_code(" p "_status_t status)")
	cpart("{")
	cpart("\treturn status.raw & " snake(S) "_STATUS;")
	cpart("}")
	cpart("")
	cpart("static inline unsigned long " p "_data(" p "_status_t status)")
	cpart("{")
	cpart("\treturn status.raw >> " has_field(S, "DATA") ";")
	cpart("}")
	cpart("")
	cpart("/* Level at which a walk ended; for the codes that carry one, else 0 */")
	cpart("static inline unsigned long " p "_index(" p "_status_t status)")
	cpart("{")
	cpart("\treturn " p "_data(status) & " D "_LEVEL_LEVEL;")
	cpart("}")
	cpart("")
	cpart("static inline bool " p "_ok(" p "_status_t status)")
	cpart("{")
	cpart("\treturn " p "_code(status) == " P "_SUCCESS;")
	cpart("}")
	cpart("")
	cpart("static inline bool " p "_is_incomplete(" p "_status_t status)")
	cpart("{")
	cpart("\treturn " p "_code(status) == " P "_INCOMPLETE;")
	cpart("}")
	cpart("")
	cpart("/* With " P "_INCOMPLETE: the memory to be transferred, one of RmiOpMemReq */")
	cpart("static inline unsigned long " p "_mem_req(" p "_status_t status)")
	cpart("{")
	cpart("\treturn " p "_data(status) & " D "_INCOMPLETE_MEM;")
	cpart("}")
	cpart("")
	cpart("/* With " P "_INCOMPLETE: whether the operation can be cancelled */")
	cpart("static inline bool " p "_can_cancel(" p "_status_t status)")
	cpart("{")
	cpart("\treturn " p "_data(status) & " D "_INCOMPLETE_CANCEL;")
	cpart("}")
	cpart("")
	cpart("static inline const char *" p "_status_name(" p "_status_t status)")
	cpart("{")
	cpart("\treturn " tolower(snake(status_enum)) "_name(" p "_code(status));")
	cpart("}")
	cpart("")
}

function emit_out_struct(s, stateful, what,	i) {
	call("/**")
	call(" * struct " s " - " what)
	if (stateful)
		call(" * @incomplete: set when the status is " iface "_INCOMPLETE, else zero")
	for (i = 0; i < n_out; i++)
		call(doc_line(out_name[i], out_text[i]))
	call(" */")
	call("struct " s " {")
	if (stateful)
		call("\tstruct " tolower(iface) "_incomplete incomplete;")
	for (i = 0; i < n_out; i++)
		call("\t" out_ctype[i] " " out_name[i] ";")
	call("};")
	call("")
}

function emit_incomplete(	p, i) {
	p = tolower(iface)
	emit_out_struct(p "_incomplete", 0, \
			"Outputs with " iface "_INCOMPLETE, DEN0137 " section)
	call("/* Valid when the status in @regs is " iface "_INCOMPLETE */")
	call("static inline void " p "_incomplete_decode(const struct arm_smccc_1_2_regs *regs,")
	call("\t\t\t\t\t struct " p "_incomplete *out)")
	call("{")
	call("\t*out = (struct " p "_incomplete) {")
	for (i = 0; i < n_out; i++)
		call("\t\t." out_name[i] " = regs->a" out_reg[i] ",")
	call("\t};")
	call("}")
	call("")
}

# Parameter list of the inputs, each preceded by sep
function in_params(sep,	i, s) {
	s = ""
	for (i = 0; i < n_in; i++)
		s = s (i || sep != "" ? ", " : "") in_ctype[i] " " in_name[i]
	return s
}

function in_args(	i, s) {
	s = ""
	for (i = 0; i < n_in; i++)
		s = s ", " in_name[i]
	return s
}

function emit_encode(fn,	i) {
	call("static inline void " fn "_encode(struct arm_smccc_1_2_regs *regs" in_params(",") ")")
	call("{")
	call("\t*regs = (struct arm_smccc_1_2_regs) {")
	call("\t\t.a0 = SMC_" iface "_" cmd ",")
	for (i = 0; i < n_in; i++)
		call("\t\t.a" i + 1 " = " (in_ctype[i] == "long" ? "(unsigned long)" : "") in_name[i] ",")
	call("\t};")
	call("}")
	call("")
}

function emit_decode(fn,	p, i) {
	p = tolower(iface)
	call("static inline " p "_status_t " fn "_decode(const struct arm_smccc_1_2_regs *regs,")
	call("\t\t\t\t\t struct " fn "_out *out)")
	call("{")
	call("\t" p "_status_t status = { .raw = regs->a0 };")
	call("")
	if (stateful) {
		call("\t*out = (struct " fn "_out) { };")
		call("\tif (" p "_is_incomplete(status)) {")
		call("\t\t" p "_incomplete_decode(regs, &out->incomplete);")
		call("\t\treturn status;")
		call("\t}")
		for (i = 0; i < n_out; i++)
			call("\tout->" out_name[i] " = " out_cast(i) "regs->a" out_reg[i] ";")
	} else {
		call("\t*out = (struct " fn "_out) {")
		for (i = 0; i < n_out; i++)
			call("\t\t." out_name[i] " = " out_cast(i) "regs->a" out_reg[i] ",")
		call("\t};")
	}
	call("\treturn status;")
	call("}")
	call("")
}

function out_cast(i) {
	return out_ctype[i] == "long" ? "(long)" : ""
}

function emit_command(	p, fn, has_out, i) {
	p = tolower(iface)
	fn = p "_" tolower(cmd)
	has_out = n_out || stateful
	claim(fn)
	if (has_out)
		emit_out_struct(fn "_out", stateful, "Outputs of " iface "_" cmd)
	emit_encode(fn)
	if (has_out)
		emit_decode(fn)
	call("/**")
	call(" * " fn "() - " (cmd_text == "" ? iface "_" cmd : cmd_text))
	for (i = 0; i < n_in; i++)
		call(doc_line(in_name[i], in_text[i]))
	if (has_out)
		call(doc_line("out", "outputs"))
	call(" *")
	call(" * " iface "_" cmd ", DEN0137 " section "." \
	     (stateful ? " May answer " iface "_INCOMPLETE." : ""))
	call(" *")
	call(" * Return: the status of the command.")
	call(" */")
	call("static inline " p "_status_t " fn "(" \
	     (n_in || has_out ? in_params("") : "void") \
	     (has_out ? (n_in ? ", " : "") "struct " fn "_out *out" : "") ")")
	call("{")
	call("\tstruct arm_smccc_1_2_regs regs;")
	call("")
	call("\t" fn "_encode(&regs" in_args() ");")
	call("\t" p "_smc(&regs);")
	if (has_out)
		call("\treturn " fn "_decode(&regs, out);")
	else
		call("\treturn (" p "_status_t) { .raw = regs.a0 };")
	call("}")
	call("")
}

function emit_guard_open(name) {
	print "/* SPDX-License-Identifier: GPL-2.0-only */"
	print "/* Generated by gen-rmi.awk from " base_name ", do not edit */"
	print "#ifndef " name
	print "#define " name
	print ""
}

function emit_guard_close(name) {
	print "#endif /* " name " */"
}

function print_defs(	i, guard) {
	guard = "__ASM_" iface "_DEFS_H"
	emit_guard_open(guard)
	print "#include <linux/bits.h>"
	print "#include <linux/const.h>"
	print "#ifndef __ASSEMBLER__"
	print "#include <linux/build_bug.h>"
	print "#include <linux/types.h>"
	print "#endif"
	print ""
	for (i = 0; i < n_def; i++)
		print def_out[i]
	print "/* X(NAME, name, number of input registers, of output registers), without X0 */"
	print "#define " iface "_COMMANDS(X)" (n_cmd ? " \\" : "")
	for (i = 0; i < n_cmd; i++)
		print "\tX(" cmd_list[i] ")" (i < n_cmd - 1 ? " \\" : "")
	print ""
	print "#ifndef __ASSEMBLER__"
	print ""
	for (i = 0; i < n_c; i++)
		print c_out[i]
	print "#endif /* __ASSEMBLER__ */"
	print ""
	emit_guard_close(guard)
}

function print_calls(	i, guard, p) {
	p = tolower(iface)
	guard = "__ASM_" iface "_CALLS_H"
	emit_guard_open(guard)
	print "/*"
	print " * The file that includes this one provides struct arm_smccc_1_2_regs and"
	print " * " p "_smc(struct arm_smccc_1_2_regs *regs), which makes the call with X0..X17"
	print " * taken from *regs and leaves the results there."
	print " */"
	print ""
	for (i = 0; i < n_call; i++)
		print call_out[i]
	emit_guard_close(guard)
}

BEGIN {
	MAX_REG = 17
	block = iface = status_bits = ""
	failed = n_def = n_c = n_call = n_cmd = incomplete = 0

	if (mode != "defs" && mode != "calls")
		fatal_at("gen-rmi.awk", "mode must be 'defs' or 'calls'")

	scalar_c["u8"] = "u8"
	scalar_size["u8"] = 1
	scalar_c["u16"] = "u16"
	scalar_size["u16"] = 2
	scalar_c["u32"] = "u32"
	scalar_size["u32"] = 4
	scalar_c["u64"] = scalar_c["pa"] = scalar_c["ipa"] = "u64"
	scalar_size["u64"] = scalar_size["pa"] = scalar_size["ipa"] = 8
	scalar_c["s64"] = "s64"
	scalar_size["s64"] = 8

	n = split("auto break case char const continue default do double else " \
		  "enum extern float for goto if inline int long register " \
		  "return short signed sizeof static struct switch typedef " \
		  "union unsigned void volatile while bool u8 u16 u32 u64 s64 " \
		  "regs out incomplete", words, " ")
	for (i = 1; i <= n; i++)
		reserved_word[words[i]] = 1
}

FNR == 1 {
	base_name = FILENAME
	sub(/.*\//, "", base_name)
}

/^[ \t]*(#|$)/ { next }

$1 == "Interface" {
	expect_fields(4, 4)
	if (iface)
		fatal("duplicate 'Interface'")
	if ($2 != "RMI" && $2 != "RSI")
		fatal("'" $2 "' is not an interface of DEN0137")
	iface = $2
	define(iface "_ABI_MAJOR", "UL(" number($3) ")")
	define(iface "_ABI_MINOR", "UL(" number($4) ")")
	def("")
	next
}

$1 == "Enum" {
	block_begin("Enum")
	expect_fields(4, 4)
	type = $2
	new_type(type, "Enum")
	type_signed[type] = ($3 ~ /^s/)
	width = number(type_signed[type] ? substr($3, 2) : $3)
	if (width < 1 || width > 64)
		fatal("width " $3 " of " type " is not within 1..64")
	type_width[type] = width
	section = section_name($4)
	names = 0
	split("", seen_value)
	def("/* " type ", DEN0137 " section " */")
	next
}

$1 == "Names" {
	need_block("Enum")
	expect_fields(1, 1)
	if (names)
		fatal("duplicate 'Names'")
	names = 1
	next
}

$1 == "Value" {
	need_block("Enum")
	expect_fields(3, 0)
	negative = ($2 ~ /^-/)
	if (negative && !type_signed[type])
		fatal("negative value " $2 " in " type)
	v = number(negative ? substr($2, 2) : $2)
	limit = type_signed[type] ? width - 1 : width
	if (limit < 48 && v >= 2 ^ limit)
		fatal("value " $2 " does not fit the " width " bits of " type)
	key = (negative ? "-" : "") v
	if (key in seen_value)
		fatal("duplicate value " $2 " of " type ", first at line " seen_value[key])
	seen_value[key] = FNR
	member[n_members++] = upper_name($3)
	text_from(4)
	if (type_signed[type])
		define($3, negative ? "(-" v ")" : v, "")
	else
		define($3, "UL(" v ")", "")
	next
}

$1 == "EndEnum" {
	expect_fields(1, 1)
	block_end("Enum")
	def("")
	if (names) {
		emit_names()
		type_names[type] = 1
	}
	next
}

$1 == "Bits" {
	block_begin("Bits")
	expect_fields(4, 4)
	type = $2
	new_type(type, "Bits")
	width = number($3)
	if (width < 1 || width > 64)
		fatal("width " $3 " of " type " is not within 1..64")
	type_width[type] = width
	type_signed[type] = 0
	section = section_name($4)
	next_bit = 0
	res0 = ""
	def("/* " type ", DEN0137 " section " */")
	next
}

$1 == "Field" {
	need_block("Bits")
	expect_fields(3, 0)
	parse_bits($2)
	upper_name($3)
	text_from(4)
	define(snake(type) "_" $3, mask(msb, lsb), "")
	field_lsb[type, $3] = lsb
	n_members++
	next
}

$1 == "Res0" {
	need_block("Bits")
	expect_fields(2, 2)
	parse_bits($2)
	res0 = res0 (res0 == "" ? "" : " | ") mask(msb, lsb)
	next
}

$1 == "EndBits" {
	expect_fields(1, 1)
	if (block == "Bits" && next_bit < width)
		fatal("bits " width - 1 ":" next_bit " of " type " are not described")
	block_end("Bits")
	if (res0 != "")
		define(snake(type) "_RES0", res0 ~ /\|/ ? "(" res0 ")" : res0, "")
	def("")
	next
}

$1 == "Struct" {
	block_begin("Struct")
	expect_fields(4, 4)
	type = $2
	new_type(type, "Struct")
	claim("struct " tolower(snake(type)))
	struct_size[type] = number($3)
	if (struct_size[type] == 0 || struct_size[type] > 65536)
		fatal("size " $3 " of " type " is not within 1..65536")
	section = section_name($4)
	next_off = 0
	align = 1
	split("", seen_member)
	next
}

$1 == "At" {
	need_block("Struct")
	expect_fields(4, 0)
	off = number($2)
	count = 1
	ctype = $3
	array = ""
	if (match(ctype, /\[.*\]$/)) {
		array = substr(ctype, RSTART)
		count = number(substr(array, 2, length(array) - 2))
		ctype = substr(ctype, 1, RSTART - 1)
		if (count == 0)
			fatal("array " $4 " is empty")
	}
	if (ctype == type)
		fatal("unknown type " ctype)
	member_type(ctype)
	lower_name($4)
	if ($4 in seen_member)
		fatal("duplicate member " $4 " of " type ", first at line " seen_member[$4])
	if ($4 ~ /^reserved[0-9]*$/)
		fatal("member name " $4 " is kept for padding")
	seen_member[$4] = FNR
	if (off < next_off)
		fatal("member " $4 sprintf(" at 0x%x overlaps the one before, which ends at 0x%x", \
					   off, next_off))
	if (off % m_align)
		fatal("member " $4 " at " $2 " is not aligned to " m_align " bytes")
	next_off = off + m_size * count
	if (next_off > struct_size[type])
		fatal("member " $4 sprintf(" ends at 0x%x, outside of %s (0x%x bytes)", \
					   next_off, type, struct_size[type]))
	if (m_align > align)
		align = m_align
	member[n_members] = $4
	m_off[n_members] = off
	m_bytes[n_members] = m_size * count
	m_decl[n_members] = m_ctype " " $4 array
	m_text[n_members] = text_from(5)
	if (m_text[n_members] == "")
		m_text[n_members] = default_text(ctype)
	n_members++
	next
}

$1 == "EndStruct" {
	expect_fields(1, 1)
	block_end("Struct")
	if (struct_size[type] % align)
		fatal("size of " type " is not a multiple of its alignment " align)
	struct_align[type] = align
	emit_struct()
	next
}

$1 == "Status" {
	if (block)
		fatal("'Status' inside " block)
	if (!iface)
		fatal("'Interface' must come first")
	expect_fields(3, 3)
	if (status_bits)
		fatal("duplicate 'Status'")
	if (type_kind[$2] != "Bits")
		fatal("unknown Bits type " $2)
	if (!($3 in type_names))
		fatal("'Status' needs an Enum with 'Names', which " $3 " is not")
	status_bits = $2
	status_enum = $3
	emit_status()
	next
}

$1 == "Incomplete" {
	block_begin("Incomplete")
	expect_fields(2, 2)
	if (incomplete)
		fatal("duplicate 'Incomplete'")
	if (!status_bits)
		fatal("'Incomplete' needs 'Status' before it")
	section = section_name($2)
	n_in = n_out = last_out = 0
	split("", seen_arg)
	next
}

$1 == "EndIncomplete" {
	expect_fields(1, 1)
	block_end("Incomplete")
	incomplete = last_out
	emit_incomplete()
	next
}

$1 == "Command" {
	block_begin("Command")
	expect_fields(4, 0)
	cmd = upper_name($2)
	if ($3 !~ /^0x[0-9A-Fa-f]+$/ || length($3) != 10)
		fatal("function ID '" $3 "' is not of the form 0xC4000150")
	fid = "0x" toupper(substr($3, 3))
	if (fid !~ /^0xC4000[12]/)
		fatal("function ID " fid " is not a fast 64-bit call of the CCA range")
	if (fid in seen_fid)
		fatal("duplicate function ID " fid ", first at line " seen_fid[fid])
	seen_fid[fid] = FNR
	section = section_name($4)
	cmd_text = text_from(5)
	define("SMC_" iface "_" cmd, "UL(" fid ")", "")
	n_in = n_out = last_out = stateful = 0
	split("", seen_arg)
	next
}

$1 == "Stateful" {
	need_block("Command")
	expect_fields(1, 1)
	if (stateful)
		fatal("duplicate 'Stateful'")
	if (!incomplete)
		fatal("'Stateful' needs 'Incomplete' before it")
	stateful = 1
	next
}

$1 == "In" {
	need_block("Command")
	expect_fields(4, 0)
	r = reg_number($2)
	if (n_out)
		fatal("'In' after 'Out'")
	if (r != n_in + 1)
		fatal("input " $2 " where X" n_in + 1 " is expected")
	lower_name($3)
	if ($3 in seen_arg)
		fatal("duplicate argument " $3 ", first at line " seen_arg[$3])
	seen_arg[$3] = FNR
	in_name[n_in] = $3
	in_ctype[n_in] = arg_type($4)
	in_text[n_in] = text_from(5)
	if (in_text[n_in] == "")
		in_text[n_in] = default_text($4)
	n_in++
	n_members++
	next
}

$1 == "Out" {
	if (block != "Incomplete")
		need_block("Command")
	expect_fields(4, 0)
	r = reg_number($2)
	if (r <= last_out)
		fatal("output " $2 " does not follow X" last_out)
	last_out = r
	lower_name($3)
	if (("out " $3) in seen_arg)
		fatal("duplicate output " $3 ", first at line " seen_arg["out " $3])
	seen_arg["out " $3] = FNR
	out_name[n_out] = $3
	out_reg[n_out] = r
	out_ctype[n_out] = arg_type($4)
	out_text[n_out] = text_from(5)
	if (out_text[n_out] == "")
		out_text[n_out] = default_text($4)
	n_out++
	n_members++
	next
}

$1 == "EndCommand" {
	expect_fields(1, 1)
	block_end("Command")
	nr_out = stateful && incomplete > last_out ? incomplete : last_out
	cmd_list[n_cmd++] = cmd ", " tolower(cmd) ", " n_in ", " nr_out
	if (status_bits)
		emit_command()
	else if (mode == "calls")
		fatal("a command before 'Status'")
	next
}

{
	fatal("unknown statement '" $1 "'")
}

END {
	if (failed)
		exit 1
	if (block)
		fatal_at(FILENAME ":" block_line, block " is not terminated")
	if (!iface)
		fatal_at(FILENAME ":" FNR, "no 'Interface'")
	if (mode == "defs")
		print_defs()
	else
		print_calls()
}
