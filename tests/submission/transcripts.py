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
