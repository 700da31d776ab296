import type * as runtime from "@prisma/client/runtime/client";
import type * as Prisma from "../internal/prismaNamespace.js";
/**
 * Model pages
 *
 */
export type pagesModel = runtime.Types.Result.DefaultSelection<Prisma.$pagesPayload>;
export type AggregatePages = {
    _count: PagesCountAggregateOutputType | null;
    _avg: PagesAvgAggregateOutputType | null;
    _sum: PagesSumAggregateOutputType | null;
    _min: PagesMinAggregateOutputType | null;
    _max: PagesMaxAggregateOutputType | null;
};
export type PagesAvgAggregateOutputType = {
    document: number | null;
    number: number | null;
};
export type PagesSumAggregateOutputType = {
    document: number | null;
    number: number | null;
};
export type PagesMinAggregateOutputType = {
    document: number | null;
    number: number | null;
    avatar: string | null;
};
export type PagesMaxAggregateOutputType = {
    document: number | null;
    number: number | null;
    avatar: string | null;
};
export type PagesCountAggregateOutputType = {
    document: number;
    number: number;
    avatar: number;
    _all: number;
};
export type PagesAvgAggregateInputType = {
    document?: true;
    number?: true;
};
export type PagesSumAggregateInputType = {
    document?: true;
    number?: true;
};
export type PagesMinAggregateInputType = {
    document?: true;
    number?: true;
    avatar?: true;
};
export type PagesMaxAggregateInputType = {
    document?: true;
    number?: true;
    avatar?: true;
};
export type PagesCountAggregateInputType = {
    document?: true;
    number?: true;
    avatar?: true;
    _all?: true;
};
export type PagesAggregateArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Filter which pages to aggregate.
     */
    where?: Prisma.pagesWhereInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/sorting Sorting Docs}
     *
     * Determine the order of pages to fetch.
     */
    orderBy?: Prisma.pagesOrderByWithRelationInput | Prisma.pagesOrderByWithRelationInput[];
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination#cursor-based-pagination Cursor Docs}
     *
     * Sets the start position
     */
    cursor?: Prisma.pagesWhereUniqueInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Take `±n` pages from the position of the cursor.
     */
    take?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Skip the first `n` pages.
     */
    skip?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/aggregations Aggregation Docs}
     *
     * Count returned pages
    **/
    _count?: true | PagesCountAggregateInputType;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/aggregations Aggregation Docs}
     *
     * Select which fields to average
    **/
    _avg?: PagesAvgAggregateInputType;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/aggregations Aggregation Docs}
     *
     * Select which fields to sum
    **/
    _sum?: PagesSumAggregateInputType;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/aggregations Aggregation Docs}
     *
     * Select which fields to find the minimum value
    **/
    _min?: PagesMinAggregateInputType;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/aggregations Aggregation Docs}
     *
     * Select which fields to find the maximum value
    **/
    _max?: PagesMaxAggregateInputType;
};
export type GetPagesAggregateType<T extends PagesAggregateArgs> = {
    [P in keyof T & keyof AggregatePages]: P extends '_count' | 'count' ? T[P] extends true ? number : Prisma.GetScalarType<T[P], AggregatePages[P]> : Prisma.GetScalarType<T[P], AggregatePages[P]>;
};
export type pagesGroupByArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    where?: Prisma.pagesWhereInput;
    orderBy?: Prisma.pagesOrderByWithAggregationInput | Prisma.pagesOrderByWithAggregationInput[];
    by: Prisma.PagesScalarFieldEnum[] | Prisma.PagesScalarFieldEnum;
    having?: Prisma.pagesScalarWhereWithAggregatesInput;
    take?: number;
    skip?: number;
    _count?: PagesCountAggregateInputType | true;
    _avg?: PagesAvgAggregateInputType;
    _sum?: PagesSumAggregateInputType;
    _min?: PagesMinAggregateInputType;
    _max?: PagesMaxAggregateInputType;
};
export type PagesGroupByOutputType = {
    document: number;
    number: number;
    avatar: string | null;
    _count: PagesCountAggregateOutputType | null;
    _avg: PagesAvgAggregateOutputType | null;
    _sum: PagesSumAggregateOutputType | null;
    _min: PagesMinAggregateOutputType | null;
    _max: PagesMaxAggregateOutputType | null;
};
export type GetPagesGroupByPayload<T extends pagesGroupByArgs> = Prisma.PrismaPromise<Array<Prisma.PickEnumerable<PagesGroupByOutputType, T['by']> & {
    [P in ((keyof T) & (keyof PagesGroupByOutputType))]: P extends '_count' ? T[P] extends boolean ? number : Prisma.GetScalarType<T[P], PagesGroupByOutputType[P]> : Prisma.GetScalarType<T[P], PagesGroupByOutputType[P]>;
}>>;
export type pagesWhereInput = {
    AND?: Prisma.pagesWhereInput | Prisma.pagesWhereInput[];
    OR?: Prisma.pagesWhereInput[];
    NOT?: Prisma.pagesWhereInput | Prisma.pagesWhereInput[];
    document?: Prisma.IntFilter<"pages"> | number;
    number?: Prisma.IntFilter<"pages"> | number;
    avatar?: Prisma.StringNullableFilter<"pages"> | string | null;
};
export type pagesOrderByWithRelationInput = {
    document?: Prisma.SortOrder;
    number?: Prisma.SortOrder;
    avatar?: Prisma.SortOrderInput | Prisma.SortOrder;
};
export type pagesWhereUniqueInput = Prisma.AtLeast<{
    document_number?: Prisma.pagesDocumentNumberCompoundUniqueInput;
    AND?: Prisma.pagesWhereInput | Prisma.pagesWhereInput[];
    OR?: Prisma.pagesWhereInput[];
    NOT?: Prisma.pagesWhereInput | Prisma.pagesWhereInput[];
    document?: Prisma.IntFilter<"pages"> | number;
    number?: Prisma.IntFilter<"pages"> | number;
    avatar?: Prisma.StringNullableFilter<"pages"> | string | null;
}, "document_number">;
export type pagesOrderByWithAggregationInput = {
    document?: Prisma.SortOrder;
    number?: Prisma.SortOrder;
    avatar?: Prisma.SortOrderInput | Prisma.SortOrder;
    _count?: Prisma.pagesCountOrderByAggregateInput;
    _avg?: Prisma.pagesAvgOrderByAggregateInput;
    _max?: Prisma.pagesMaxOrderByAggregateInput;
    _min?: Prisma.pagesMinOrderByAggregateInput;
    _sum?: Prisma.pagesSumOrderByAggregateInput;
};
export type pagesScalarWhereWithAggregatesInput = {
    AND?: Prisma.pagesScalarWhereWithAggregatesInput | Prisma.pagesScalarWhereWithAggregatesInput[];
    OR?: Prisma.pagesScalarWhereWithAggregatesInput[];
    NOT?: Prisma.pagesScalarWhereWithAggregatesInput | Prisma.pagesScalarWhereWithAggregatesInput[];
    document?: Prisma.IntWithAggregatesFilter<"pages"> | number;
    number?: Prisma.IntWithAggregatesFilter<"pages"> | number;
    avatar?: Prisma.StringNullableWithAggregatesFilter<"pages"> | string | null;
};
export type pagesCreateInput = {
    document: number;
    number: number;
    avatar?: string | null;
};
export type pagesUncheckedCreateInput = {
    document: number;
    number: number;
    avatar?: string | null;
};
export type pagesUpdateInput = {
    document?: Prisma.IntFieldUpdateOperationsInput | number;
    number?: Prisma.IntFieldUpdateOperationsInput | number;
    avatar?: Prisma.NullableStringFieldUpdateOperationsInput | string | null;
};
export type pagesUncheckedUpdateInput = {
    document?: Prisma.IntFieldUpdateOperationsInput | number;
    number?: Prisma.IntFieldUpdateOperationsInput | number;
    avatar?: Prisma.NullableStringFieldUpdateOperationsInput | string | null;
};
export type pagesCreateManyInput = {
    document: number;
    number: number;
    avatar?: string | null;
};
export type pagesUpdateManyMutationInput = {
    document?: Prisma.IntFieldUpdateOperationsInput | number;
    number?: Prisma.IntFieldUpdateOperationsInput | number;
    avatar?: Prisma.NullableStringFieldUpdateOperationsInput | string | null;
};
export type pagesUncheckedUpdateManyInput = {
    document?: Prisma.IntFieldUpdateOperationsInput | number;
    number?: Prisma.IntFieldUpdateOperationsInput | number;
    avatar?: Prisma.NullableStringFieldUpdateOperationsInput | string | null;
};
export type pagesDocumentNumberCompoundUniqueInput = {
    document: number;
    number: number;
};
export type pagesCountOrderByAggregateInput = {
    document?: Prisma.SortOrder;
    number?: Prisma.SortOrder;
    avatar?: Prisma.SortOrder;
};
export type pagesAvgOrderByAggregateInput = {
    document?: Prisma.SortOrder;
    number?: Prisma.SortOrder;
};
export type pagesMaxOrderByAggregateInput = {
    document?: Prisma.SortOrder;
    number?: Prisma.SortOrder;
    avatar?: Prisma.SortOrder;
};
export type pagesMinOrderByAggregateInput = {
    document?: Prisma.SortOrder;
    number?: Prisma.SortOrder;
    avatar?: Prisma.SortOrder;
};
export type pagesSumOrderByAggregateInput = {
    document?: Prisma.SortOrder;
    number?: Prisma.SortOrder;
};
export type pagesSelect<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = runtime.Types.Extensions.GetSelect<{
    document?: boolean;
    number?: boolean;
    avatar?: boolean;
}, ExtArgs["result"]["pages"]>;
export type pagesSelectCreateManyAndReturn<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = runtime.Types.Extensions.GetSelect<{
    document?: boolean;
    number?: boolean;
    avatar?: boolean;
}, ExtArgs["result"]["pages"]>;
export type pagesSelectUpdateManyAndReturn<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = runtime.Types.Extensions.GetSelect<{
    document?: boolean;
    number?: boolean;
    avatar?: boolean;
}, ExtArgs["result"]["pages"]>;
export type pagesSelectScalar = {
    document?: boolean;
    number?: boolean;
    avatar?: boolean;
};
export type pagesOmit<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = runtime.Types.Extensions.GetOmit<"document" | "number" | "avatar", ExtArgs["result"]["pages"]>;
export type $pagesPayload<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    name: "pages";
    objects: {};
    scalars: runtime.Types.Extensions.GetPayloadResult<{
        document: number;
        number: number;
        avatar: string | null;
    }, ExtArgs["result"]["pages"]>;
    composites: {};
};
export type pagesGetPayload<S extends boolean | null | undefined | pagesDefaultArgs> = runtime.Types.Result.GetResult<Prisma.$pagesPayload, S>;
export type pagesCountArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = Omit<pagesFindManyArgs, 'select' | 'include' | 'distinct' | 'omit'> & {
    select?: PagesCountAggregateInputType | true;
};
export interface pagesDelegate<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs, GlobalOmitOptions = {}> {
    [K: symbol]: {
        types: Prisma.TypeMap<ExtArgs>['model']['pages'];
        meta: {
            name: 'pages';
        };
    };
    /**
     * Find zero or one Pages that matches the filter.
     * @param {pagesFindUniqueArgs} args - Arguments to find a Pages
     * @example
     * // Get one Pages
     * const pages = await prisma.pages.findUnique({
     *   where: {
     *     // ... provide filter here
     *   }
     * })
     */
    findUnique<T extends pagesFindUniqueArgs>(args: Prisma.SelectSubset<T, pagesFindUniqueArgs<ExtArgs>>): Prisma.Prisma__pagesClient<runtime.Types.Result.GetResult<Prisma.$pagesPayload<ExtArgs>, T, "findUnique", GlobalOmitOptions> | null, null, ExtArgs, GlobalOmitOptions>;
    /**
     * Find one Pages that matches the filter or throw an error with `error.code='P2025'`
     * if no matches were found.
     * @param {pagesFindUniqueOrThrowArgs} args - Arguments to find a Pages
     * @example
     * // Get one Pages
     * const pages = await prisma.pages.findUniqueOrThrow({
     *   where: {
     *     // ... provide filter here
     *   }
     * })
     */
    findUniqueOrThrow<T extends pagesFindUniqueOrThrowArgs>(args: Prisma.SelectSubset<T, pagesFindUniqueOrThrowArgs<ExtArgs>>): Prisma.Prisma__pagesClient<runtime.Types.Result.GetResult<Prisma.$pagesPayload<ExtArgs>, T, "findUniqueOrThrow", GlobalOmitOptions>, never, ExtArgs, GlobalOmitOptions>;
    /**
     * Find the first Pages that matches the filter.
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     * @param {pagesFindFirstArgs} args - Arguments to find a Pages
     * @example
     * // Get one Pages
     * const pages = await prisma.pages.findFirst({
     *   where: {
     *     // ... provide filter here
     *   }
     * })
     */
    findFirst<T extends pagesFindFirstArgs>(args?: Prisma.SelectSubset<T, pagesFindFirstArgs<ExtArgs>>): Prisma.Prisma__pagesClient<runtime.Types.Result.GetResult<Prisma.$pagesPayload<ExtArgs>, T, "findFirst", GlobalOmitOptions> | null, null, ExtArgs, GlobalOmitOptions>;
    /**
     * Find the first Pages that matches the filter or
     * throw `PrismaKnownClientError` with `P2025` code if no matches were found.
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     * @param {pagesFindFirstOrThrowArgs} args - Arguments to find a Pages
     * @example
     * // Get one Pages
     * const pages = await prisma.pages.findFirstOrThrow({
     *   where: {
     *     // ... provide filter here
     *   }
     * })
     */
    findFirstOrThrow<T extends pagesFindFirstOrThrowArgs>(args?: Prisma.SelectSubset<T, pagesFindFirstOrThrowArgs<ExtArgs>>): Prisma.Prisma__pagesClient<runtime.Types.Result.GetResult<Prisma.$pagesPayload<ExtArgs>, T, "findFirstOrThrow", GlobalOmitOptions>, never, ExtArgs, GlobalOmitOptions>;
    /**
     * Find zero or more Pages that matches the filter.
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     * @param {pagesFindManyArgs} args - Arguments to filter and select certain fields only.
     * @example
     * // Get all Pages
     * const pages = await prisma.pages.findMany()
     *
     * // Get first 10 Pages
     * const pages = await prisma.pages.findMany({ take: 10 })
     *
     * // Only select the `document`
     * const pagesWithDocumentOnly = await prisma.pages.findMany({ select: { document: true } })
     *
     */
    findMany<T extends pagesFindManyArgs>(args?: Prisma.SelectSubset<T, pagesFindManyArgs<ExtArgs>>): Prisma.PrismaPromise<runtime.Types.Result.GetResult<Prisma.$pagesPayload<ExtArgs>, T, "findMany", GlobalOmitOptions>>;
    /**
     * Create a Pages.
     * @param {pagesCreateArgs} args - Arguments to create a Pages.
     * @example
     * // Create one Pages
     * const Pages = await prisma.pages.create({
     *   data: {
     *     // ... data to create a Pages
     *   }
     * })
     *
     */
    create<T extends pagesCreateArgs>(args: Prisma.SelectSubset<T, pagesCreateArgs<ExtArgs>>): Prisma.Prisma__pagesClient<runtime.Types.Result.GetResult<Prisma.$pagesPayload<ExtArgs>, T, "create", GlobalOmitOptions>, never, ExtArgs, GlobalOmitOptions>;
    /**
     * Create many Pages.
     * @param {pagesCreateManyArgs} args - Arguments to create many Pages.
     * @example
     * // Create many Pages
     * const pages = await prisma.pages.createMany({
     *   data: [
     *     // ... provide data here
     *   ]
     * })
     *
     */
    createMany<T extends pagesCreateManyArgs>(args?: Prisma.SelectSubset<T, pagesCreateManyArgs<ExtArgs>>): Prisma.PrismaPromise<Prisma.BatchPayload>;
    /**
     * Create many Pages and returns the data saved in the database.
     * @param {pagesCreateManyAndReturnArgs} args - Arguments to create many Pages.
     * @example
     * // Create many Pages
     * const pages = await prisma.pages.createManyAndReturn({
     *   data: [
     *     // ... provide data here
     *   ]
     * })
     *
     * // Create many Pages and only return the `document`
     * const pagesWithDocumentOnly = await prisma.pages.createManyAndReturn({
     *   select: { document: true },
     *   data: [
     *     // ... provide data here
     *   ]
     * })
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     *
     */
    createManyAndReturn<T extends pagesCreateManyAndReturnArgs>(args?: Prisma.SelectSubset<T, pagesCreateManyAndReturnArgs<ExtArgs>>): Prisma.PrismaPromise<runtime.Types.Result.GetResult<Prisma.$pagesPayload<ExtArgs>, T, "createManyAndReturn", GlobalOmitOptions>>;
    /**
     * Delete a Pages.
     * @param {pagesDeleteArgs} args - Arguments to delete one Pages.
     * @example
     * // Delete one Pages
     * const Pages = await prisma.pages.delete({
     *   where: {
     *     // ... filter to delete one Pages
     *   }
     * })
     *
     */
    delete<T extends pagesDeleteArgs>(args: Prisma.SelectSubset<T, pagesDeleteArgs<ExtArgs>>): Prisma.Prisma__pagesClient<runtime.Types.Result.GetResult<Prisma.$pagesPayload<ExtArgs>, T, "delete", GlobalOmitOptions>, never, ExtArgs, GlobalOmitOptions>;
    /**
     * Update one Pages.
     * @param {pagesUpdateArgs} args - Arguments to update one Pages.
     * @example
     * // Update one Pages
     * const pages = await prisma.pages.update({
     *   where: {
     *     // ... provide filter here
     *   },
     *   data: {
     *     // ... provide data here
     *   }
     * })
     *
     */
    update<T extends pagesUpdateArgs>(args: Prisma.SelectSubset<T, pagesUpdateArgs<ExtArgs>>): Prisma.Prisma__pagesClient<runtime.Types.Result.GetResult<Prisma.$pagesPayload<ExtArgs>, T, "update", GlobalOmitOptions>, never, ExtArgs, GlobalOmitOptions>;
    /**
     * Delete zero or more Pages.
     * @param {pagesDeleteManyArgs} args - Arguments to filter Pages to delete.
     * @example
     * // Delete a few Pages
     * const { count } = await prisma.pages.deleteMany({
     *   where: {
     *     // ... provide filter here
     *   }
     * })
     *
     */
    deleteMany<T extends pagesDeleteManyArgs>(args?: Prisma.SelectSubset<T, pagesDeleteManyArgs<ExtArgs>>): Prisma.PrismaPromise<Prisma.BatchPayload>;
    /**
     * Update zero or more Pages.
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     * @param {pagesUpdateManyArgs} args - Arguments to update one or more rows.
     * @example
     * // Update many Pages
     * const pages = await prisma.pages.updateMany({
     *   where: {
     *     // ... provide filter here
     *   },
     *   data: {
     *     // ... provide data here
     *   }
     * })
     *
     */
    updateMany<T extends pagesUpdateManyArgs>(args: Prisma.SelectSubset<T, pagesUpdateManyArgs<ExtArgs>>): Prisma.PrismaPromise<Prisma.BatchPayload>;
    /**
     * Update zero or more Pages and returns the data updated in the database.
     * @param {pagesUpdateManyAndReturnArgs} args - Arguments to update many Pages.
     * @example
     * // Update many Pages
     * const pages = await prisma.pages.updateManyAndReturn({
     *   where: {
     *     // ... provide filter here
     *   },
     *   data: [
     *     // ... provide data here
     *   ]
     * })
     *
     * // Update zero or more Pages and only return the `document`
     * const pagesWithDocumentOnly = await prisma.pages.updateManyAndReturn({
     *   select: { document: true },
     *   where: {
     *     // ... provide filter here
     *   },
     *   data: [
     *     // ... provide data here
     *   ]
     * })
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     *
     */
    updateManyAndReturn<T extends pagesUpdateManyAndReturnArgs>(args: Prisma.SelectSubset<T, pagesUpdateManyAndReturnArgs<ExtArgs>>): Prisma.PrismaPromise<runtime.Types.Result.GetResult<Prisma.$pagesPayload<ExtArgs>, T, "updateManyAndReturn", GlobalOmitOptions>>;
    /**
     * Create or update one Pages.
     * @param {pagesUpsertArgs} args - Arguments to update or create a Pages.
     * @example
     * // Update or create a Pages
     * const pages = await prisma.pages.upsert({
     *   create: {
     *     // ... data to create a Pages
     *   },
     *   update: {
     *     // ... in case it already exists, update
     *   },
     *   where: {
     *     // ... the filter for the Pages we want to update
     *   }
     * })
     */
    upsert<T extends pagesUpsertArgs>(args: Prisma.SelectSubset<T, pagesUpsertArgs<ExtArgs>>): Prisma.Prisma__pagesClient<runtime.Types.Result.GetResult<Prisma.$pagesPayload<ExtArgs>, T, "upsert", GlobalOmitOptions>, never, ExtArgs, GlobalOmitOptions>;
    /**
     * Count the number of Pages.
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     * @param {pagesCountArgs} args - Arguments to filter Pages to count.
     * @example
     * // Count the number of Pages
     * const count = await prisma.pages.count({
     *   where: {
     *     // ... the filter for the Pages we want to count
     *   }
     * })
    **/
    count<T extends pagesCountArgs>(args?: Prisma.Subset<T, pagesCountArgs>): Prisma.PrismaPromise<T extends runtime.Types.Utils.Record<'select', any> ? T['select'] extends true ? number : Prisma.GetScalarType<T['select'], PagesCountAggregateOutputType> : number>;
    /**
     * Allows you to perform aggregations operations on a Pages.
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     * @param {PagesAggregateArgs} args - Select which aggregations you would like to apply and on what fields.
     * @example
     * // Ordered by age ascending
     * // Where email contains prisma.io
     * // Limited to the 10 users
     * const aggregations = await prisma.user.aggregate({
     *   _avg: {
     *     age: true,
     *   },
     *   where: {
     *     email: {
     *       contains: "prisma.io",
     *     },
     *   },
     *   orderBy: {
     *     age: "asc",
     *   },
     *   take: 10,
     * })
    **/
    aggregate<T extends PagesAggregateArgs>(args: Prisma.Subset<T, PagesAggregateArgs>): Prisma.PrismaPromise<GetPagesAggregateType<T>>;
    /**
     * Group by Pages.
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     * @param {pagesGroupByArgs} args - Group by arguments.
     * @example
     * // Group by city, order by createdAt, get count
     * const result = await prisma.user.groupBy({
     *   by: ['city', 'createdAt'],
     *   orderBy: {
     *     createdAt: true
     *   },
     *   _count: {
     *     _all: true
     *   },
     * })
     *
    **/
    groupBy<T extends pagesGroupByArgs, HasSelectOrTake extends Prisma.Or<Prisma.Extends<'skip', Prisma.Keys<T>>, Prisma.Extends<'take', Prisma.Keys<T>>>, OrderByArg extends Prisma.True extends HasSelectOrTake ? {
        orderBy: pagesGroupByArgs['orderBy'];
    } : {
        orderBy?: pagesGroupByArgs['orderBy'];
    }, OrderFields extends Prisma.ExcludeUnderscoreKeys<Prisma.Keys<Prisma.MaybeTupleToUnion<T['orderBy']>>>, ByFields extends Prisma.MaybeTupleToUnion<T['by']>, ByValid extends Prisma.Has<ByFields, OrderFields>, HavingFields extends Prisma.GetHavingFields<T['having']>, HavingValid extends Prisma.Has<ByFields, HavingFields>, ByEmpty extends T['by'] extends never[] ? Prisma.True : Prisma.False, InputErrors extends ByEmpty extends Prisma.True ? `Error: "by" must not be empty.` : HavingValid extends Prisma.False ? {
        [P in HavingFields]: P extends ByFields ? never : P extends string ? `Error: Field "${P}" used in "having" needs to be provided in "by".` : [
            Error,
            'Field ',
            P,
            ` in "having" needs to be provided in "by"`
        ];
    }[HavingFields] : 'take' extends Prisma.Keys<T> ? 'orderBy' extends Prisma.Keys<T> ? ByValid extends Prisma.True ? {} : {
        [P in OrderFields]: P extends ByFields ? never : `Error: Field "${P}" in "orderBy" needs to be provided in "by"`;
    }[OrderFields] : 'Error: If you provide "take", you also need to provide "orderBy"' : 'skip' extends Prisma.Keys<T> ? 'orderBy' extends Prisma.Keys<T> ? ByValid extends Prisma.True ? {} : {
        [P in OrderFields]: P extends ByFields ? never : `Error: Field "${P}" in "orderBy" needs to be provided in "by"`;
    }[OrderFields] : 'Error: If you provide "skip", you also need to provide "orderBy"' : ByValid extends Prisma.True ? {} : {
        [P in OrderFields]: P extends ByFields ? never : `Error: Field "${P}" in "orderBy" needs to be provided in "by"`;
    }[OrderFields]>(args: Prisma.SubsetIntersection<T, pagesGroupByArgs, OrderByArg> & InputErrors): {} extends InputErrors ? GetPagesGroupByPayload<T> : Prisma.PrismaPromise<InputErrors>;
    /**
     * Fields of the pages model
     */
    readonly fields: pagesFieldRefs;
}
/**
 * The delegate class that acts as a "Promise-like" for pages.
 * Why is this prefixed with `Prisma__`?
 * Because we want to prevent naming conflicts as mentioned in
 * https://github.com/prisma/prisma-client-js/issues/707
 */
export interface Prisma__pagesClient<T, Null = never, ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs, GlobalOmitOptions = {}> extends Prisma.PrismaPromise<T> {
    readonly [Symbol.toStringTag]: "PrismaPromise";
    /**
     * Attaches callbacks for the resolution and/or rejection of the Promise.
     * @param onfulfilled The callback to execute when the Promise is resolved.
     * @param onrejected The callback to execute when the Promise is rejected.
     * @returns A Promise for the completion of which ever callback is executed.
     */
    then<TResult1 = T, TResult2 = never>(onfulfilled?: ((value: T) => TResult1 | PromiseLike<TResult1>) | undefined | null, onrejected?: ((reason: any) => TResult2 | PromiseLike<TResult2>) | undefined | null): runtime.Types.Utils.JsPromise<TResult1 | TResult2>;
    /**
     * Attaches a callback for only the rejection of the Promise.
     * @param onrejected The callback to execute when the Promise is rejected.
     * @returns A Promise for the completion of the callback.
     */
    catch<TResult = never>(onrejected?: ((reason: any) => TResult | PromiseLike<TResult>) | undefined | null): runtime.Types.Utils.JsPromise<T | TResult>;
    /**
     * Attaches a callback that is invoked when the Promise is settled (fulfilled or rejected). The
     * resolved value cannot be modified from the callback.
     * @param onfinally The callback to execute when the Promise is settled (fulfilled or rejected).
     * @returns A Promise for the completion of the callback.
     */
    finally(onfinally?: (() => void) | undefined | null): runtime.Types.Utils.JsPromise<T>;
}
/**
 * Fields of the pages model
 */
export interface pagesFieldRefs {
    readonly document: Prisma.FieldRef<"pages", 'Int'>;
    readonly number: Prisma.FieldRef<"pages", 'Int'>;
    readonly avatar: Prisma.FieldRef<"pages", 'String'>;
}
/**
 * pages findUnique
 */
export type pagesFindUniqueArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the pages
     */
    select?: Prisma.pagesSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the pages
     */
    omit?: Prisma.pagesOmit<ExtArgs> | null;
    /**
     * Filter, which pages to fetch.
     */
    where: Prisma.pagesWhereUniqueInput;
};
/**
 * pages findUniqueOrThrow
 */
export type pagesFindUniqueOrThrowArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the pages
     */
    select?: Prisma.pagesSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the pages
     */
    omit?: Prisma.pagesOmit<ExtArgs> | null;
    /**
     * Filter, which pages to fetch.
     */
    where: Prisma.pagesWhereUniqueInput;
};
/**
 * pages findFirst
 */
export type pagesFindFirstArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the pages
     */
    select?: Prisma.pagesSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the pages
     */
    omit?: Prisma.pagesOmit<ExtArgs> | null;
    /**
     * Filter, which pages to fetch.
     */
    where?: Prisma.pagesWhereInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/sorting Sorting Docs}
     *
     * Determine the order of pages to fetch.
     */
    orderBy?: Prisma.pagesOrderByWithRelationInput | Prisma.pagesOrderByWithRelationInput[];
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination#cursor-based-pagination Cursor Docs}
     *
     * Sets the position for searching for pages.
     */
    cursor?: Prisma.pagesWhereUniqueInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Take `±n` pages from the position of the cursor.
     */
    take?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Skip the first `n` pages.
     */
    skip?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/distinct Distinct Docs}
     *
     * Filter by unique combinations of pages.
     */
    distinct?: Prisma.PagesScalarFieldEnum | Prisma.PagesScalarFieldEnum[];
};
/**
 * pages findFirstOrThrow
 */
export type pagesFindFirstOrThrowArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the pages
     */
    select?: Prisma.pagesSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the pages
     */
    omit?: Prisma.pagesOmit<ExtArgs> | null;
    /**
     * Filter, which pages to fetch.
     */
    where?: Prisma.pagesWhereInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/sorting Sorting Docs}
     *
     * Determine the order of pages to fetch.
     */
    orderBy?: Prisma.pagesOrderByWithRelationInput | Prisma.pagesOrderByWithRelationInput[];
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination#cursor-based-pagination Cursor Docs}
     *
     * Sets the position for searching for pages.
     */
    cursor?: Prisma.pagesWhereUniqueInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Take `±n` pages from the position of the cursor.
     */
    take?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Skip the first `n` pages.
     */
    skip?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/distinct Distinct Docs}
     *
     * Filter by unique combinations of pages.
     */
    distinct?: Prisma.PagesScalarFieldEnum | Prisma.PagesScalarFieldEnum[];
};
/**
 * pages findMany
 */
export type pagesFindManyArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the pages
     */
    select?: Prisma.pagesSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the pages
     */
    omit?: Prisma.pagesOmit<ExtArgs> | null;
    /**
     * Filter, which pages to fetch.
     */
    where?: Prisma.pagesWhereInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/sorting Sorting Docs}
     *
     * Determine the order of pages to fetch.
     */
    orderBy?: Prisma.pagesOrderByWithRelationInput | Prisma.pagesOrderByWithRelationInput[];
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination#cursor-based-pagination Cursor Docs}
     *
     * Sets the position for listing pages.
     */
    cursor?: Prisma.pagesWhereUniqueInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Take `±n` pages from the position of the cursor.
     */
    take?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Skip the first `n` pages.
     */
    skip?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/distinct Distinct Docs}
     *
     * Filter by unique combinations of pages.
     */
    distinct?: Prisma.PagesScalarFieldEnum | Prisma.PagesScalarFieldEnum[];
};
/**
 * pages create
 */
export type pagesCreateArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the pages
     */
    select?: Prisma.pagesSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the pages
     */
    omit?: Prisma.pagesOmit<ExtArgs> | null;
    /**
     * The data needed to create a pages.
     */
    data: Prisma.XOR<Prisma.pagesCreateInput, Prisma.pagesUncheckedCreateInput>;
};
/**
 * pages createMany
 */
export type pagesCreateManyArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * The data used to create many pages.
     */
    data: Prisma.pagesCreateManyInput | Prisma.pagesCreateManyInput[];
    skipDuplicates?: boolean;
};
/**
 * pages createManyAndReturn
 */
export type pagesCreateManyAndReturnArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the pages
     */
    select?: Prisma.pagesSelectCreateManyAndReturn<ExtArgs> | null;
    /**
     * Omit specific fields from the pages
     */
    omit?: Prisma.pagesOmit<ExtArgs> | null;
    /**
     * The data used to create many pages.
     */
    data: Prisma.pagesCreateManyInput | Prisma.pagesCreateManyInput[];
    skipDuplicates?: boolean;
};
/**
 * pages update
 */
export type pagesUpdateArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the pages
     */
    select?: Prisma.pagesSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the pages
     */
    omit?: Prisma.pagesOmit<ExtArgs> | null;
    /**
     * The data needed to update a pages.
     */
    data: Prisma.XOR<Prisma.pagesUpdateInput, Prisma.pagesUncheckedUpdateInput>;
    /**
     * Choose, which pages to update.
     */
    where: Prisma.pagesWhereUniqueInput;
};
/**
 * pages updateMany
 */
export type pagesUpdateManyArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * The data used to update pages.
     */
    data: Prisma.XOR<Prisma.pagesUpdateManyMutationInput, Prisma.pagesUncheckedUpdateManyInput>;
    /**
     * Filter which pages to update
     */
    where?: Prisma.pagesWhereInput;
    /**
     * Limit how many pages to update.
     */
    limit?: number;
};
/**
 * pages updateManyAndReturn
 */
export type pagesUpdateManyAndReturnArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the pages
     */
    select?: Prisma.pagesSelectUpdateManyAndReturn<ExtArgs> | null;
    /**
     * Omit specific fields from the pages
     */
    omit?: Prisma.pagesOmit<ExtArgs> | null;
    /**
     * The data used to update pages.
     */
    data: Prisma.XOR<Prisma.pagesUpdateManyMutationInput, Prisma.pagesUncheckedUpdateManyInput>;
    /**
     * Filter which pages to update
     */
    where?: Prisma.pagesWhereInput;
    /**
     * Limit how many pages to update.
     */
    limit?: number;
};
/**
 * pages upsert
 */
export type pagesUpsertArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the pages
     */
    select?: Prisma.pagesSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the pages
     */
    omit?: Prisma.pagesOmit<ExtArgs> | null;
    /**
     * The filter to search for the pages to update in case it exists.
     */
    where: Prisma.pagesWhereUniqueInput;
    /**
     * In case the pages found by the `where` argument doesn't exist, create a new pages with this data.
     */
    create: Prisma.XOR<Prisma.pagesCreateInput, Prisma.pagesUncheckedCreateInput>;
    /**
     * In case the pages was found with the provided `where` argument, update it with this data.
     */
    update: Prisma.XOR<Prisma.pagesUpdateInput, Prisma.pagesUncheckedUpdateInput>;
};
/**
 * pages delete
 */
export type pagesDeleteArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the pages
     */
    select?: Prisma.pagesSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the pages
     */
    omit?: Prisma.pagesOmit<ExtArgs> | null;
    /**
     * Filter which pages to delete.
     */
    where: Prisma.pagesWhereUniqueInput;
};
/**
 * pages deleteMany
 */
export type pagesDeleteManyArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Filter which pages to delete
     */
    where?: Prisma.pagesWhereInput;
    /**
     * Limit how many pages to delete.
     */
    limit?: number;
};
/**
 * pages without action
 */
export type pagesDefaultArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the pages
     */
    select?: Prisma.pagesSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the pages
     */
    omit?: Prisma.pagesOmit<ExtArgs> | null;
};
