"""Control groups: who stays untouched, so that what a campaign adds can be told from what would have come anyway."""

from campaigns.control.assign import ASSIGNED, assign
from campaigns.control.balance import Balance, Covariate, balance
from campaigns.control.clusters import CLUSTERS, ClusterSizes, Ties, cluster_sizes, clusters
from campaigns.control.freeze import Freeze, freeze
from campaigns.control.hashing import hashes, uniform, uniforms
from campaigns.control.pollution import Pollution, PollutionPath, pollution
from campaigns.control.power import Plan, Sizes, design_effect, intraclass, plan_means, plan_shares, sizes_of
from campaigns.control.universal import HISTORY, UNIVERSAL, Renewal, group_on, renew

__all__ = [
    "ASSIGNED", "CLUSTERS", "HISTORY", "UNIVERSAL", "Balance", "ClusterSizes", "Covariate", "Freeze", "Plan",
    "Pollution", "PollutionPath", "Renewal", "Sizes", "Ties", "assign", "balance", "cluster_sizes", "clusters",
    "design_effect", "freeze", "group_on", "hashes", "intraclass", "plan_means", "plan_shares", "pollution", "renew",
    "sizes_of", "uniform", "uniforms",
]  # fmt: skip
