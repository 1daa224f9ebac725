# SPDX-License-Identifier: GPL-2.0-or-later
# The items of the newest section of docs/changes.md, as a Debian changelog has them: in lines of 78 characters.
/^## / && section++ { exit }
/^## / || !section { next }
/^- / {
	if (line)
		print line
	$1 = "*"
	line = " "
}
{
	for (i = 1; i <= NF; i++) {
		if (length(line) + 1 + length($i) > 78) {
			print line
			line = "   "
		}
		line = line " " $i
	}
}
END { print line }
