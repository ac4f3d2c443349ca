"""What must hold between the parts of a scheme (评分办法的内在一致): one module for each kind of proof.

A proof reads plain data, whole or broken, so that faults of shape do not hide the others.
"""
