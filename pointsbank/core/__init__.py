"""The ground floor: database edge, clock, points, refusals, web edge, audit, tokens, QR codes, sheets and jobs.

It knows no room above it and holds no rule of a points bank. Every other room stands on this one.
"""
