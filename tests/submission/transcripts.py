"""Transcripts as a person would paste them; the people in them are invented."""

MINOR = """\
CMALT Assessment Transcript
Candidate: Rowan Ashby
Assessor 1: Dr Perpetua Quill
Date of assessment: 15 May 2027
Grading scale: Strong, Adequate, Revisions required, Incomplete/missing, Not Applicable

Contextual Statement
Comments: A clear opening, Rowan.

Core area 1: Operational issues
a) An understanding of the constraints and benefits of different
technologies
Assessor 1: Revisions required
Assessor 2: Adequate
Comments:
Assessor 1: You write of the team throughout.
Say what you chose yourself.

c) Supporting the deployment of learning technologies | Revisions required | Revisions required
Assessor 2: The drop-in is named and not shown.

2a An understanding of teaching, learning and/or assessment processes
☐ Strong ☐ Adequate ☒ Revisions required ☐ Incomplete/missing
Which theory is this?

Understanding and engaging with legislation
Revisions required
Adequate
Name the second law.

Specialist Area 1: Accessible documents and diagrams
Strong / Strong

Demonstrating the four core principles
A commitment to exploring and understanding the interplay between technology
and learning.
Strong
Adequate

Overall comments: A pleasure to read.
Outcome: Referral - minor revisions required
"""

FORMER = """\
Result: Pass (3 June 2012)
1a: Adequate, Adequate
1b - strong/adequate
3a Inadequate
The second area is thin.
"""

SEEN = """\
CMALT Assessment Transcript
Candidate Name            Rowan   Ashby
Date of Issue             15 May 2027

Contextual Statement
The candidates contextual statement is not assessed                      Complete
but is a required section

Core area 1: Operational issues
a) An understanding of the constraints and bene\ufb01ts of               Strong        Adequate
di\ufb00erent technologies

b) Technical knowledge and ability in the use of                    Adequate      Revisions required
learning technology

Core area 3: The wider context
Senior CMALT candidates must cover one or more legislative area in section a) and
one or more policy area in section b)
a) Understanding and engaging with legislation                            Strong           Strong

Specialist Area 1                                                         Strong         Adequate
Specialist Area 2                                                          N/A              N/A

Demonstrating the four core principles (applied to the whole portfolio)
An empathy with and willingness to learn from
colleagues from di\ufb00erent backgrounds and                                 Adequate         Strong
specialisms.

Assessment Grading
    ●   Strong: all of it is good;
    ●   Revisions required: At least one of description, evidence and
        reflection is thin.

Assessment outcome
                                  Referral - minor revisions required
Feedback
Assessor 1

A \ufb01ne read from end to end.
1b: Say which of these you built yourself.

Assessor 2

Too many words in italics.

Assessment outcomes explained
Pass with         As good as it gets.
Distinction
Pass              It is good.
Fail
"""
"""The form of May 2026 as it is laid out, with invented content: columns kept, headings broken, marks between."""

IN_CELLS = """\
Core area 1: Operational issues
a) An understanding of the constraints and benefits of
different\u200b technologies

Strong

Adequate

b) Technical knowledge and ability in the use of
learning technology

Adequate

Revisions required

Specialist Area 1

Strong

Adequate

Strong

Adequate

Assessment outcome
Referral - minor revisions required

Assessment outcomes explained
Pass with Distinction
As good as it gets.
Fail
It was major before.
"""
"""The same as some programs copy it: each cell of the table on a line of its own."""
